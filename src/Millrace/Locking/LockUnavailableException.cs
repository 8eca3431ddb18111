using System.Globalization;

namespace Millrace;

/// <summary>Thrown when a lock is not free within the requested time. The request changed nothing.</summary>
public sealed class LockUnavailableException(
    string name, string? holder, TimeSpan waited, Exception? innerException = null)
    : MillraceException(
        string.Create(
            CultureInfo.InvariantCulture,
            $"The lock '{name}' was not free within {waited.TotalSeconds:0.###} "
                + $"s{(holder is null ? "" : $": '{holder}' holds it")}. "
            + $"Try again, or wait longer."),
        innerException)
{
    /// <summary>Gets the name of the lock.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the holder, if it is known.</summary>
    public string? Holder { get; } = holder;

    /// <summary>Gets the time for which the caller waited.</summary>
    public TimeSpan Waited { get; } = waited;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
