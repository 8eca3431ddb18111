using Microsoft.Extensions.Logging;

namespace Millrace;

/// <summary>
/// Changes the levels of logs on this node while it runs, for a limited time. The package
/// <c>Millrace.OpenTelemetry</c> provides the implementation. Other nodes are not changed.
/// </summary>
/// <remarks>
/// A change has the effect of a rule in the configuration section <c>Logging:LogLevel</c>: it applies to the category
/// and those below it, unless another rule names a longer category. All methods can be called from any thread.
/// </remarks>
public interface ILogLevels
{
    /// <summary>The category for all logs that no other rule names.</summary>
    const string DefaultCategory = "Default";

    /// <summary>Gets the maximum duration of a change: one day.</summary>
    static TimeSpan MaxDuration { get; } = TimeSpan.FromDays(1);

    /// <summary>Returns the current changes, by category.</summary>
    IReadOnlyList<LogLevelOverride> List();

    /// <summary>Sets the level of a category. Replaces an earlier change of the category.</summary>
    /// <param name="category">The category, such as <c>Millrace.Consuming</c>, or
    /// <see cref="DefaultCategory"/>.</param>
    /// <param name="level">The lowest level that is logged.</param>
    /// <param name="duration">The time after which the configured level applies again; from one second to
    /// <see cref="MaxDuration"/>.</param>
    /// <param name="by">The user who requested the change.</param>
    /// <exception cref="ArgumentException">The category is empty, longer than 200 characters, or contains
    /// <c>*</c>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The duration is not in its range, or the level is not
    /// defined.</exception>
    /// <exception cref="InvalidOperationException">100 other categories are changed.</exception>
    LogLevelOverride Set(string category, LogLevel level, TimeSpan duration, string by);

    /// <summary>Applies the configured level again. Returns false if the category is not changed.</summary>
    bool Reset(string category);
}
