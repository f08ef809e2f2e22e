# Link targets for the payload types that stand on another library. The library is looked for where it is asked for, so
# a plugin that needs neither has neither. Used inside the tree and by find_package(dfpipe COMPONENTS image tensor).
#
#   dfpipe::image    dfpipe/types/image.hpp and face.hpp: OpenCV core and imgproc
#   dfpipe::tensor   dfpipe/types/tensor.hpp: LibTorch
macro(dfpipe_find_image)
  if(NOT TARGET dfpipe::image)
    find_package(OpenCV 4 QUIET GLOBAL COMPONENTS core imgproc)
    if(OpenCV_FOUND)
      add_library(dfpipe::image INTERFACE IMPORTED GLOBAL)
      target_include_directories(dfpipe::image INTERFACE ${OpenCV_INCLUDE_DIRS})
      target_link_libraries(dfpipe::image INTERFACE opencv_core opencv_imgproc)
    endif()
  endif()
endmacro()

macro(dfpipe_find_tensor)
  if(NOT TARGET dfpipe::tensor)
    find_package(Torch QUIET GLOBAL)
    if(Torch_FOUND)
      add_library(dfpipe::tensor INTERFACE IMPORTED GLOBAL)
      target_link_libraries(dfpipe::tensor INTERFACE ${TORCH_LIBRARIES})
    endif()
  endif()
endmacro()
