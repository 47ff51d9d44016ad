// The wheels TensorFlow comes in, as pip knows them, for Python 3.11; any python3 can download and unpack them.

/** The TensorFlow that the binding is compiled against. */
export const tensorflowVersion = '2.21.0';

/** What to take from the wheel: the two libraries and the C headers that the binding includes. */
const tensorflowFiles =
  '^tensorflow/(libtensorflow_(cc|framework)\\.so\\.2$|include/(tensorflow/c|tensorflow/core/platform|tsl/platform|xla/tsl/c)/.)';

/** Everything keeps its place, since TensorFlow's runpath has $ORIGIN/../nvidia/cudnn/lib and so on. */
const nvidiaFiles = '^nvidia/[^/]+/lib/[^/]+\\.so[^/]*$';

function tensorflowWheel(project, platform, sha256) {
  return { project, version: tensorflowVersion, platform, sha256, files: tensorflowFiles };
}

function nvidiaWheel(project, version, platform, sha256) {
  return { project, version, platform: `${platform}_x86_64`, sha256, files: nvidiaFiles };
}

/** By variant and process.arch. The wheel for arm64 is named `tensorflow` and has no CUDA. */
export const wheels = {
  cpu: {
    x64: [tensorflowWheel('tensorflow-cpu', 'manylinux_2_27_x86_64', '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c')],
    arm64: [tensorflowWheel('tensorflow', 'manylinux_2_27_aarch64', '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c')],
  },
  // The extra and-cuda, less nvidia-cuda-nvcc: that serves XLA, which nothing here uses.
  cuda: {
    x64: [
      tensorflowWheel('tensorflow', 'manylinux_2_27_x86_64', '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124'),
      nvidiaWheel('nvidia-cublas-cu12', '12.9.3.13', 'manylinux_2_27', 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72'),
      nvidiaWheel(
        'nvidia-cuda-cupti-cu12',
        '12.9.79',
        'manylinux_2_25',
        '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
      ),
      nvidiaWheel('nvidia-cuda-nvrtc-cu12', '12.9.86', 'manylinux2010', '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4'),
      nvidiaWheel(
        'nvidia-cuda-runtime-cu12',
        '12.9.79',
        'manylinux2014',
        '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
      ),
      nvidiaWheel('nvidia-cudnn-cu12', '9.28.0.42', 'manylinux_2_27', '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375'),
      nvidiaWheel('nvidia-cufft-cu12', '11.4.1.4', 'manylinux2014', 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28'),
      nvidiaWheel('nvidia-curand-cu12', '10.3.10.19', 'manylinux_2_27', '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e'),
      nvidiaWheel(
        'nvidia-cusolver-cu12',
        '11.7.5.82',
        'manylinux_2_27',
        '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
      ),
      nvidiaWheel(
        'nvidia-cusparse-cu12',
        '12.5.10.65',
        'manylinux2014',
        '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
      ),
      nvidiaWheel('nvidia-nccl-cu12', '2.32.3', 'manylinux_2_27', 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c'),
      nvidiaWheel('nvidia-nvjitlink-cu12', '12.9.86', 'manylinux2010', 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9'),
    ],
  },
};
