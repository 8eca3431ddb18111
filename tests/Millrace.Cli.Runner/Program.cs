using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Millrace.Cli.Runner;

// Runs the tool for each line of its input, which is a call, and answers with a line: the exit code. What the tool
// reads and writes are the files in, out and err of the folder that it is given. It ends with its input, and takes the
// folder with it. Whatever ends a process, such as an exception that nobody catches, ends this one.
var folder = args[0];
var streams = new StandardStreams(folder);
var tool = Assembly.Load("Millrace.Cli").EntryPoint!; // A program has one.
// Opened before the tool's are put in their place.
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
        // It returns its exit code.
        return (int)tool.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null)!;
    }
    finally
    {
        Directory.SetCurrentDirectory(folder); // The tool's may be removed.
    }
}
