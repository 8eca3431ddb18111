namespace Millrace.Messaging;

/// <summary>A record without a value in a compacted topic: the sender has deleted its key.</summary>
/// <param name="Key">The key of the record; for a Kafka key that is not UTF-8, <c>hex:</c> and its bytes in hexadecimal
/// digits.</param>
public sealed record Tombstone(string Key);
