using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Millrace.Cli.Runner;

// Runs the tool once for each line of the standard input. A line is a call in JSON, and the answer is a line with the
// exit code. The tool reads the file 'in' and writes the files 'out' and 'err' in the folder of the first argument.
// The runner exits at the end of its input and deletes the folder. An exception that the tool does not catch ends the
// runner too.
var folder = args[0];
var streams = new StandardStreams(folder);
var tool = Assembly.Load("Millrace.Cli").EntryPoint!; // Every program has an entry point.
// The runner opens its own streams before it replaces the standard streams for the tool.
using var calls = new StreamReader(Console.OpenStandardInput());
await using var answers = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
while (await calls.ReadLineAsync() is { } line)
{
    var call = JsonSerializer.Deserialize<RunnerCall>(line)!; // No call is null.
    var code = Run(call);
    await answers.WriteLineAsync(code.ToString(CultureInfo.InvariantCulture));
}
Directory.Delete(folder, recursive: true);

int Run(RunnerCall call)
{
    streams.Begin();
    foreach (var (name, value) in call.Variables)
        Environment.SetEnvironmentVariable(name, value);
    Directory.SetCurrentDirectory(call.Directory);
    try
    {
        string[] arguments = [.. call.Arguments];
        // The entry point of the tool returns the exit code.
        return (int)tool.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null)!;
    }
    finally
    {
        Directory.SetCurrentDirectory(folder); // A test may delete the tool's folder.
    }
}
