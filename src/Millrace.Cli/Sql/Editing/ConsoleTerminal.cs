namespace Millrace.Cli.Sql.Editing;

/// <summary>
/// The terminal of the process. Until it is disposed, Ctrl-C is a key, so that it does not end the process.
/// </summary>
internal sealed class ConsoleTerminal : ITerminal, IDisposable
{
    private const int MaxKeys = 4_096;
    private const int DefaultWidth = 80;
    private const int DefaultHeight = 24;

    // A read of the console cannot be cancelled, so that keys are read when they are there.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(15);

    private readonly TextWriter _output;
    private readonly TimeProvider _time;
    private readonly Queue<ConsoleKeyInfo> _keys = new();

    /// <param name="output">The standard output or error, if it is the terminal.</param>
    /// <param name="time">The clock.</param>
    public ConsoleTerminal(TextWriter output, TimeProvider time)
    {
        (_output, _time) = (output, time);
        Console.TreatControlCAsInput = true;
    }

    public int Width => Console.WindowWidth is > 1 and var width ? width : DefaultWidth;

    public int Height => Console.WindowHeight is > 1 and var height ? height : DefaultHeight;

    public bool HasKeys => _keys.Count > 0 || Console.KeyAvailable;

    /// <summary>Returns the output on which the user sees prompts; null if there is none.</summary>
    public static TextWriter? FindOutput() =>
        !Console.IsErrorRedirected ? Console.Error : !Console.IsOutputRedirected ? Console.Out : null;

    public void Write(string text)
    {
        _output.Write(text);
        _output.Flush();
    }

    public async ValueTask<ConsoleKeyInfo> ReadKey(CancellationToken cancellationToken)
    {
        if (_keys.TryDequeue(out var earlier))
            return earlier;
        while (!Console.KeyAvailable)
            await Task.Delay(Interval, _time, cancellationToken);
        return Console.ReadKey(intercept: true);
    }

    public async Task WaitForStop(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Further keys remain in the terminal, so that nothing of a pasted text is lost.
            while (_keys.Count < MaxKeys && Console.KeyAvailable)
            {
                var key = Console.ReadKey(intercept: true);
                if (Keys.IsStop(key))
                    return;
                _keys.Enqueue(key);
            }
            await Task.Delay(Interval, _time, cancellationToken);
        }
    }

    public void Dispose() => Console.TreatControlCAsInput = false;
}
