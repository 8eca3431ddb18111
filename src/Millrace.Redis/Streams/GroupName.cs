namespace Millrace.Redis;

/// <summary>A group of a stream.</summary>
internal sealed record GroupName(string Stream, string Group)
{
    /// <summary>A key of the group's own, which lies where that of the stream does.</summary>
    public string KeyOf(string part) => $"{{{Stream}}}:{Group}:{part}";
}
