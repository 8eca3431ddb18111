using System.Buffers.Text;
using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// Writes JSON values in generated code for which <see cref="Utf8JsonWriter"/> has no method. Only exceptions allocate
/// memory.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public static class JsonWrite
{
    private const int MaxTimeTextLength = 32;

    /// <summary>Writes a date, <c>2011-12-05</c>.</summary>
    public static void DateOnly(Utf8JsonWriter writer, DateOnly value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<byte> text = stackalloc byte[IsoDate.Length];
        IsoDate.Format(value, text);
        writer.WriteStringValue(text);
    }

    /// <summary>Writes a time of day, <c>17:30:00</c>.</summary>
    public static void TimeOnly(Utf8JsonWriter writer, TimeOnly value) => TimeSpan(writer, value.ToTimeSpan());

    /// <summary>Writes a duration, <c>1.02:03:04</c> (days, hours, minutes, seconds).</summary>
    public static void TimeSpan(Utf8JsonWriter writer, TimeSpan value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<byte> text = stackalloc byte[MaxTimeTextLength];
        Utf8Formatter.TryFormat(value, text, out var written, 'c');
        writer.WriteStringValue(text[..written]);
    }

    /// <summary>Writes a text of one character.</summary>
    public static void Char(Utf8JsonWriter writer, char value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue([value]);
    }

    /// <summary>
    /// Writes a <see cref="System.Uri"/> with its original text. If an absolute URI was created from a path, the scheme
    /// is added.
    /// </summary>
    public static void Uri(Utf8JsonWriter writer, Uri value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(TextOf(value));
    }

    /// <summary>
    /// Returns a text that is read as the same URI. For example, <c>/a/b</c> is relative and <c>file:///a/b</c> is
    /// absolute.
    /// </summary>
    internal static string TextOf(Uri value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.IsAbsoluteUri && value.OriginalString.StartsWith('/') ? value.AbsoluteUri : value.OriginalString;
    }

    /// <summary>
    /// Returns whether a value has the same bits as the default value. The values -0.0 and 0.00 have other bits,
    /// although they equal the default value.
    /// </summary>
    public static bool IsDefault<T>(T value)
        where T : struct
    {
        ref var first = ref Unsafe.As<T, byte>(ref value);
        return !MemoryMarshal.CreateReadOnlySpan(ref first, Unsafe.SizeOf<T>()).ContainsAnyExcept((byte)0);
    }

    /// <summary>Writes any JSON.</summary>
    public static void Element(Utf8JsonWriter writer, JsonElement value) => value.WriteTo(writer);

    /// <summary>
    /// Writes the unknown members that were stored while reading. A name that the type also has is omitted.
    /// </summary>
    public static void Extra(
        Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, JsonElement>>? extra, MemberNames? members)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (extra is null)
            return;
        foreach (var (name, value) in extra)
        {
            if (members?.Contains(name) == true)
                continue;
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }

    /// <summary>Writes the unknown members that were stored while reading.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="extra">The unknown members.</param>
    /// <param name="members">The members that are read; null if the type has no such members.</param>
    /// <param name="writtenOnly">The members that are written but never read. If one of these is among the unknown
    /// members, it is not written a second time.</param>
    /// <exception cref="JsonException">The unknown members contain a name twice, or the name of a member, so that a
    /// value would be lost.</exception>
    public static void Extra(
        Utf8JsonWriter writer,
        IEnumerable<KeyValuePair<string, JsonElement>>? extra,
        MemberNames? members,
        params ReadOnlySpan<string> writtenOnly)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (extra is null)
            return;
        CollectionWrite.RequireDistinctKeys(extra);
        foreach (var (name, value) in extra)
        {
            if (writtenOnly.Contains(name))
                continue;
            if (members?.Contains(name) == true)
                throw DuplicateName(name);
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }

    internal static JsonException DuplicateName(string name) =>
        new(
            $"The member '{name}' is also among the unknown members, so one of the values would be lost. Remove it "
            + "from the unknown members.");

    /// <summary>Returns a member's value if its class is the declared class.</summary>
    /// <exception cref="UndeclaredTypeException">The value has a derived class, whose additional members would be
    /// lost.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exact<T>(T value, string member, string owner)
        where T : class =>
        value is null || value.GetType() == typeof(T)
            ? value!
            : throw UndeclaredTypeException.Of(typeof(T), value, member, owner);

    /// <summary>Returns a value if its class is the declared class.</summary>
    /// <exception cref="UndeclaredTypeException">The value has a derived class, whose additional members would be
    /// lost.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exact<T>(T value, string label)
        where T : class => Exact(value, "", label);

    /// <summary>Creates the exception for a value whose class the declared type does not list.</summary>
    public static UndeclaredTypeException Undeclared(Type declared, object value, string member, string owner)
    {
        ArgumentNullException.ThrowIfNull(declared);
        ArgumentNullException.ThrowIfNull(value);
        return UndeclaredTypeException.Of(declared, value, member, owner);
    }

    /// <summary>Creates the exception for a member that is null although null is not allowed.</summary>
    public static JsonException Missing(string member, string type) =>
        new($"The member '{member}' of {type} is null. Give it a value, or declare it nullable.");

    /// <summary>Creates the exception for an enumeration value without a name.</summary>
    public static JsonException Undefined(string type, long value) =>
        new($"The value {value} of {type} has no name.");
}
