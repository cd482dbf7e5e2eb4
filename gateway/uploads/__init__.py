"""Files that are sent along: what they are is found out from their content, in a process of its own.

examine    the program that looks at one file, and writes pictures again without what they say of their maker
examining  runs it, a picture at a time, within bounds of time and memory
refusals   why a file is not taken
"""
