//! The body: a pendulum in MuJoCo, its weak motor, and a payload that changes its natural frequency.
#pragma once

#include <mujoco/mujoco.h>

#include <memory>
#include <stdexcept>
#include <string>

//! A pendulum at rest at a small angle.
class Pendulum {
public:
    //! Of a model's file.
    explicit Pendulum(const std::string& file) : model_(load(file)), data_(mj_makeData(model_.get())) {
        if (!data_) throw std::runtime_error("no memory for the state of " + file);
        let_go();
    }

    double dt() const noexcept { return model_->opt.timestep; }                     //!< time step [s]
    double torque_limit() const noexcept { return model_->actuator_ctrlrange[1]; }  //!< largest torque [N m]
    double angle() const noexcept { return data_->qpos[0]; }                        //!< of the hinge [rad]
    double velocity() const noexcept { return data_->qvel[0]; }                     //!< of the hinge [rad/s]

    //! Let one time step pass with a torque of `drive` times the motor's limit; beyond 1 and -1 the motor clips.
    void step(double drive) {
        data_->ctrl[0] = drive * torque_limit();
        mj_step(model_.get(), data_.get());
    }

    //! Stop it, hang the payload on, and let it go at the small angle again.
    void hang_payload() {
        const int bob = mj_name2id(model_.get(), mjOBJ_BODY, "bob");
        if (bob < 0) throw std::runtime_error("the model must have a body named bob, which carries the payload");
        model_->body_pos[3 * bob + 2] = -kPayloadDepth;
        for (int axis = 0; axis < 3; ++axis)
            model_->body_inertia[3 * bob + axis] *= kPayloadMass / model_->body_mass[bob];
        model_->body_mass[bob] = kPayloadMass;
        mj_setConst(model_.get(), data_.get());
        let_go();
    }

private:
    static constexpr double kStart = 0.05;        // angle at which it is let go [rad]
    static constexpr double kPayloadDepth = 0.9;  // of the bob with its payload, below the hinge [m]
    static constexpr double kPayloadMass = 1.0;   // of the two together [kg]

    struct Delete {
        void operator()(mjModel* model) const { mj_deleteModel(model); }
        void operator()(mjData* data) const { mj_deleteData(data); }
    };

    static mjModel* load(const std::string& file) {
        char error[1000] = "";
        mjModel* model = mj_loadXML(file.c_str(), nullptr, error, sizeof error);
        if (!model) throw std::runtime_error(file + ": " + error);
        if (model->nq == 1 && model->nv == 1 && model->nu == 1) return model;
        mj_deleteModel(model);
        throw std::runtime_error(file + " must be a model of one hinge and one motor");
    }

    void let_go() {
        data_->qpos[0] = kStart;
        data_->qvel[0] = 0;
        mj_forward(model_.get(), data_.get());
    }

    std::unique_ptr<mjModel, Delete> model_;
    std::unique_ptr<mjData, Delete> data_;
};
