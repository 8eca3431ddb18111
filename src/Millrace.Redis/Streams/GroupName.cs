namespace Millrace.Redis.Streams;

/// <summary>A group of a stream.</summary>
internal sealed record GroupName(string Stream, string Group)
{
    /// <summary>
    /// Returns the Redis key of a part of the group's data. The hash tag puts the key on the same cluster node as the
    /// stream.
    /// </summary>
    public string KeyOf(string part) => $"{{{Stream}}}:{Group}:{part}";
}
