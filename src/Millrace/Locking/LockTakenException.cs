using System.Globalization;

namespace Millrace;

/// <summary>A lock was not free within the time that was given. Nothing was done.</summary>
public sealed class LockTakenException(string name, string? holder, TimeSpan waited, Exception? innerException = null)
    : MillraceException(
        string.Create(
            CultureInfo.InvariantCulture,
            $"The lock '{name}' was not free within {waited.TotalSeconds:0.###} "
                + $"s{(holder is null ? "" : $": '{holder}' holds it")}. "
            + $"Try again, or wait longer."),
        innerException)
{
    /// <summary>The lock.</summary>
    public string Name { get; } = name;

    /// <summary>Who holds it, if that is known.</summary>
    public string? Holder { get; } = holder;

    /// <summary>How long it was waited for.</summary>
    public TimeSpan Waited { get; } = waited;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
