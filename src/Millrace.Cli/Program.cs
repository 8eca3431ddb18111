using Millrace.Cli;

return await CommandLine.Run(args);
