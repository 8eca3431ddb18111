namespace Millrace.Redis.Streams;

/// <summary>A group of a stream.</summary>
internal sealed record GroupName(string Stream, string Group)
{
    /// <summary>Returns a key of the group on the node of the stream.</summary>
    public string KeyOf(string part) => $"{{{Stream}}}:{Group}:{part}";
}
