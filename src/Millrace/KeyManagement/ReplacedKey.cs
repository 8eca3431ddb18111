namespace Millrace;

/// <summary>A replaced data key whose values are still stored.</summary>
/// <param name="KeyId">The id of the data key.</param>
/// <param name="Owner">The owner.</param>
/// <param name="LogValues">The number of values in the log. They keep their key until their events are removed.</param>
/// <param name="Documents">The number of documents, dead letters and stored answers, which can be encrypted
/// again.</param>
public sealed record ReplacedKey(string KeyId, KeyOwner Owner, long LogValues, long Documents);
