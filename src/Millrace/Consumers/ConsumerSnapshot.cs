namespace Millrace;

/// <summary>How a consumer that runs here stands.</summary>
/// <param name="State">What it is doing.</param>
/// <param name="Error">What keeps it from getting on; null when nothing does.</param>
/// <param name="Since">Since when it has been so; null when nobody knows.</param>
/// <param name="IsSilent">Whether it stands still without a word, and only its position tells.</param>
internal readonly record struct ConsumerSnapshot(
    ConsumerState State, string? Error, DateTimeOffset? Since, bool IsSilent);
