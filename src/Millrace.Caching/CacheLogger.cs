using Microsoft.Extensions.Logging;
using ZiggyCreatures.Caching.Fusion;

namespace Millrace.Caching;

/// <summary>
/// Logs what the cache library reports. Its messages of the level Information, such as those at the start, are about
/// its own parts, so they are logged for developers only.
/// </summary>
internal sealed class CacheLogger(ILogger inner) : ILogger<FusionCache>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(LevelOf(logLevel));

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        var level = LevelOf(logLevel);
        if (inner.IsEnabled(level))
            inner.Log(level, eventId, state, exception, formatter);
    }

    private static LogLevel LevelOf(LogLevel level) => level == LogLevel.Information ? LogLevel.Debug : level;
}
