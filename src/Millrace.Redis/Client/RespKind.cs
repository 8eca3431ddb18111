namespace Millrace.Redis;

/// <summary>What kind of value a server answers with.</summary>
internal enum RespKind
{
    Null,
    Simple,
    Error,
    Integer,
    Bulk,
    Array,
}
