//! JSON of objects, arrays, numbers and strings, written as it comes.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace resonance::bench {

class JsonWriter {
public:
    explicit JsonWriter(std::FILE* file) noexcept : file_(file) {}

    //! Begin an object or an array with '{' or '[', as the value of `key` where one is given.
    void open(char bracket, const char* key = nullptr) {
        begin(key);
        std::fputc(bracket, file_);
        first_ = true;
    }
    void close(char bracket) {
        std::fputc(bracket, file_);
        first_ = false;
    }

    void value(const char* key, std::int64_t number) {
        begin(key);
        std::fprintf(file_, "%lld", static_cast<long long>(number));
    }
    //! A finite number.
    void value(const char* key, double number) {
        begin(key);
        std::fprintf(file_, "%.9g", number);
    }
    void value(const char* key, bool truth) {
        begin(key);
        std::fputs(truth ? "true" : "false", file_);
    }
    void value(const char* key, const std::string& text) {
        begin(key);
        std::fputc('"', file_);
        for (const char letter : text) {
            if (letter == '"' || letter == '\\') std::fputc('\\', file_);
            std::fputc(static_cast<unsigned char>(letter) < ' ' ? ' ' : letter, file_);
        }
        std::fputc('"', file_);
    }
    void value(const char* key, const char* text) { value(key, std::string(text)); }

private:
    void begin(const char* key) {
        if (!first_) std::fputc(',', file_);
        first_ = false;
        if (key != nullptr) std::fprintf(file_, "\"%s\":", key);
    }

    std::FILE* file_;
    bool first_ = true;
};

}  // namespace resonance::bench
