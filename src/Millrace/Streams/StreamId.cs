using System.Text;
using Millrace.Streams;

namespace Millrace;

/// <summary>
/// The name of a stream, such as <c>order-42</c>. A stream contains the events of one entity in order.
/// </summary>
/// <remarks>
/// A name has from 1 to <see cref="MaxBytes"/> bytes of UTF-8, without NUL and without unpaired surrogates. Names are
/// compared ordinally. The part before the first <c>-</c> is the <see cref="Category"/>, which is the type of the
/// aggregate. Using the default value throws an exception.
/// </remarks>
public readonly record struct StreamId : IComparable<StreamId>, IKeyText
{
    /// <summary>The maximum length of a name, in UTF-8 bytes: 512.</summary>
    public const int MaxBytes = 512;

    private static readonly UTF8Encoding StrictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string? _value;

    /// <summary>Creates a stream name.</summary>
    /// <exception cref="InvalidNameException">The name is empty, is too long, contains NUL or is not valid
    /// Unicode.</exception>
    public StreamId(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = Problem(value) is { } problem ? throw new InvalidNameException("stream name", value, problem) : value;
    }

    /// <summary>Gets the whole name.</summary>
    /// <exception cref="InvalidOperationException">This is the default value, which is not a stream name.</exception>
    public string Value =>
        _value ?? throw new InvalidOperationException("The stream is not set: it is the default value of StreamId.");

    /// <summary>
    /// Gets the part before the first <c>-</c>, which is the type of the aggregate. If the name contains no <c>-</c>,
    /// this is the whole name.
    /// </summary>
    public string Category
    {
        get
        {
            var dash = Value.IndexOf('-', StringComparison.Ordinal);
            return dash < 0 ? Value : Value[..dash];
        }
    }

    /// <summary>
    /// Gets the part after the first <c>-</c>, which is the id of the aggregate. If the name contains no <c>-</c>, this
    /// is an empty text.
    /// </summary>
    public string Key
    {
        get
        {
            var dash = Value.IndexOf('-', StringComparison.Ordinal);
            return dash < 0 ? "" : Value[(dash + 1)..];
        }
    }

    internal bool IsDefault => _value is null;

    /// <summary>
    /// Creates the name <c>category-key</c>, with the text that <see cref="KeyText"/> returns for the key. The key can
    /// be a text, a number, a date, a <see cref="Guid"/>, an enumeration, an <c>[Id]</c>, a <c>[Value]</c>, or a type
    /// that implements <see cref="IKeyText"/>.
    /// </summary>
    /// <exception cref="InvalidNameException">The category contains a <c>-</c>, or the name is not allowed.</exception>
    /// <exception cref="ArgumentException">The type cannot be a key, because its values have no text that identifies
    /// them.</exception>
    public static StreamId For<TKey>(string category, TKey key)
        where TKey : notnull
    {
        ArgumentException.ThrowIfNullOrEmpty(category);
        if (category.Contains('-', StringComparison.Ordinal))
            throw new InvalidNameException(
                "stream category", category, "it contains a '-', which separates category and key");
        return new StreamId($"{category}-{KeyText.Of(key)}");
    }

    /// <summary>Parses a name. Returns false if the name is not allowed.</summary>
    public static bool TryParse(string? value, out StreamId stream)
    {
        stream = default;
        if (value is null || Problem(value) is not null)
            return false;
        stream = new StreamId(value);
        return true;
    }

    /// <summary>
    /// Compares two names by Unicode code points, as storages do. This is the order of the UTF-8 bytes.
    /// </summary>
    public int CompareTo(StreamId other) => CodePointOrder.Instance.Compare(_value, other._value);

    /// <inheritdoc/>
    public override string ToString() => _value ?? "(no stream)";

    string IKeyText.ToKeyText() => Value;

    private static string? Problem(string value)
    {
        if (value.Length == 0)
            return "it is empty";
        if (value.Contains('\0', StringComparison.Ordinal))
            return "it contains a NUL character";
        try
        {
            return StrictUtf8.GetByteCount(value) > MaxBytes ? $"it is longer than {MaxBytes} bytes of UTF-8" : null;
        }
        catch (EncoderFallbackException)
        {
            return "it contains half of a surrogate pair";
        }
    }
}
