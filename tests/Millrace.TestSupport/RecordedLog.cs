using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Millrace.TestSupport;

/// <summary>Records log entries from a minimum level for a test.</summary>
internal sealed class RecordedLog(LogLevel minLevel = LogLevel.Trace) : ILoggerFactory, ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> _entries = [];
    private readonly ConcurrentQueue<(int Id, Exception Exception)> _exceptions = [];

    public IReadOnlyList<(LogLevel Level, int Id, string Text)> Entries => [.. _entries];

    /// <summary>Gets the logged exceptions with the id of their message.</summary>
    public IReadOnlyList<(int Id, Exception Exception)> Exceptions => [.. _exceptions];

    public bool Contains(string text) => _entries.Any(entry => entry.Text.Contains(text, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public bool IsEnabled(LogLevel logLevel) => logLevel >= minLevel;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        if (exception is not null)
            _exceptions.Enqueue((eventId.Id, exception));
        _entries.Enqueue((logLevel, eventId.Id, formatter(state, exception)));
    }

    public void Dispose()
    {
    }
}
