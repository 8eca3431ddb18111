namespace Millrace;

/// <summary>A corrected event has a key of another partition, whose documents and order are not this one's to
/// change.</summary>
internal sealed class KeyOfOtherPartitionException(string consumer, string key, string elsewhere)
    : MillraceException(
        $"As it was corrected, the event of the key '{key}' belongs to the key '{elsewhere}', which another partition "
            + $"of '{consumer}' has. "
        + "Correct it so that it keeps its key, or skip it and append what is missing.")
{
    /// <summary>The key of its letter.</summary>
    public string Key { get; } = key;

    /// <summary>The key that it would have.</summary>
    public string Elsewhere { get; } = elsewhere;
}
