namespace Millrace;

/// <summary>The state of a consumer on this node at one moment.</summary>
/// <param name="State">The state.</param>
/// <param name="Error">The error that keeps it from making progress; null when there is none.</param>
/// <param name="Since">The time at which the state was entered; null when it is not known.</param>
/// <param name="IsSilent">True when it makes no progress and has reported no error.</param>
internal readonly record struct ConsumerSnapshot(
    ConsumerState State, string? Error, DateTimeOffset? Since, bool IsSilent);
