using System.Text;
using Millrace.Cli.Sql.Editing;

namespace Millrace.Cli.Tests;

/// <summary>A terminal whose keys are known before. After the last one, Ctrl-D ends an empty input.</summary>
internal sealed class ScriptedTerminal : ITerminal
{
    public const string Up = "<up>";
    public const string Left = "<left>";
    public const string Tab = "\t";
    public const string Stop = "\u0003";

    private readonly Queue<ConsoleKeyInfo> _keys = new();
    private readonly StringBuilder _output = new();
    private bool _isEnded;

    public ScriptedTerminal(params string[] keys)
    {
        foreach (var text in keys)
        {
            if (text is Up or Left)
                _keys.Enqueue(KeyOf(text == Up ? ConsoleKey.UpArrow : ConsoleKey.LeftArrow));
            else
                foreach (var unit in text)
                    _keys.Enqueue(new ConsoleKeyInfo(unit, ConsoleKey.None, false, false, false));
        }
    }

    public int Width { get; init; } = 80;

    public int Height { get; init; } = 24;

    /// <summary>Whether the keys are a pasted text.</summary>
    public bool IsPasted { get; init; }

    public bool HasKeys => IsPasted && _keys.Count > 0;

    public string Output => _output.ToString();

    public void Write(string text) => _output.Append(text);

    public ValueTask<ConsoleKeyInfo> ReadKey(CancellationToken cancellationToken)
    {
        if (_keys.TryDequeue(out var key))
            return new(key);
        if (_isEnded)
            throw new InvalidOperationException($"The editor needs more keys. It showed: {Output}");
        _isEnded = true;
        return new(new ConsoleKeyInfo(Keys.EndOfInput, ConsoleKey.D, false, false, true));
    }

    public Task WaitForStop(CancellationToken cancellationToken) =>
        Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    private static ConsoleKeyInfo KeyOf(ConsoleKey key) => new('\0', key, false, false, false);
}
