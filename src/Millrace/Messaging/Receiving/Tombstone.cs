namespace Millrace.Messaging;

/// <summary>A record without a value in a compacted topic. It means that the sender has deleted the key.</summary>
/// <param name="Key">The key of the record. For a Kafka key that is not UTF-8, the value is <c>hex:</c> and the bytes
/// in hexadecimal digits.</param>
public sealed record Tombstone(string Key);
