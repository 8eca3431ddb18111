using System.Text;

namespace Millrace.Redis;

/// <summary>A value of a server's answer; the default value is its null.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Integer">The number, of an integer.</param>
/// <param name="Bytes">The bytes, of a text, an error and a bulk.</param>
/// <param name="Items">The values, of an array.</param>
internal readonly record struct RespValue(RespKind Kind, long Integer = 0, byte[]? Bytes = null, RespValue[]? Items = null)
{
    public bool IsNull => Kind == RespKind.Null;

    public bool IsError => Kind == RespKind.Error;

    /// <summary>The text of what has bytes; of everything else what it is, for people.</summary>
    public string Text => Bytes is null ? ToString() : Encoding.UTF8.GetString(Bytes);

    public ReadOnlySpan<byte> Span => Bytes;

    /// <summary>The values of an array.</summary>
    /// <exception cref="RedisLostException">It is none: no Redis answers so.</exception>
    public RespValue[] Array(string what) => Items ?? throw RedisLostException.Odd($"{what} is {this} and no list");

    /// <summary>The bytes of a bulk or a text.</summary>
    /// <exception cref="RedisLostException">It is none: no Redis answers so.</exception>
    public byte[] Content(string what) => Kind is RespKind.Bulk or RespKind.Simple && Bytes is not null
        ? Bytes
        : throw RedisLostException.Odd($"{what} is {this} and no text");

    /// <summary>The value, unless it is the server's refusal.</summary>
    /// <exception cref="RedisErrorException">It is.</exception>
    public RespValue OrThrow() => IsError ? throw new RedisErrorException(Text) : this;

    public override string ToString() => Kind switch
    {
        RespKind.Null => "nothing",
        RespKind.Integer => $"the number {Integer}",
        RespKind.Array => $"a list of {Items!.Length}", // An array has its items.
        RespKind.Error => $"the error '{Shortened()}'",
        _ => $"the text '{Shortened()}'",
    };

    private string Shortened() => Encoding.UTF8.GetString(Span[..Math.Min(Span.Length, 100)]);
}
