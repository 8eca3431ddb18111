namespace Millrace.Cli.Sql;

/// <summary>
/// Reads statements line by line, from a terminal that cannot move its cursor. Ctrl-C ends a running statement, and the
/// tool while the user types.
/// </summary>
/// <param name="input">The lines of the user.</param>
/// <param name="output">The prompts.</param>
internal sealed class LineInput(TextReader input, TextWriter output) : ISqlInput
{
    public async ValueTask<string?> Read(CancellationToken cancellationToken)
    {
        var statement = "";
        while (true)
        {
            await output.WriteAsync(statement.Length == 0 ? SqlShell.Prompt : SqlShell.FurtherPrompt);
            await output.FlushAsync(cancellationToken);
            if (await input.ReadLineAsync(cancellationToken) is not { } line)
                return string.IsNullOrWhiteSpace(statement) ? null : statement;
            statement = statement.Length == 0 ? line : statement + "\n" + line;
            if (string.IsNullOrWhiteSpace(statement))
                statement = "";
            else if (SqlShell.IsComplete(statement))
                return statement;
        }
    }

    public async Task WaitForStop(CancellationToken cancellationToken)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Console.CancelKeyPress += Stop;
        try
        {
            await stopped.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Console.CancelKeyPress -= Stop;
        }

        void Stop(object? sender, ConsoleCancelEventArgs key)
        {
            key.Cancel = true;
            stopped.TrySetResult();
        }
    }
}
