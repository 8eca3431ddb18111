using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Millrace.Erasing;

/// <summary>
/// The values of a subject that were read before its keys were destroyed. They are only in memory. Not thread-safe
/// until <see cref="Matcher"/> is used.
/// </summary>
internal sealed class ErasedValues
{
    public const string All = "all";
    public const string Some = "some";
    public const string None = "none";

    private const int MaxValues = 100_000;
    private const int MaxBytes = 64 * 1024 * 1024;
    private const int MinTextBytes = 4;
    private const int MinNumberBytes = 6;

    private static readonly SearchValues<char> Specific = SearchValues.Create("@0123456789");

    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private readonly ValueMatcher _matcher = new();
    private long _bytes;

    /// <summary>Gets how completely the values are known.</summary>
    public string Search => _texts.Count == 0 ? None : IsPartial ? Some : All;

    /// <summary>Gets or sets whether values are missing.</summary>
    public bool IsPartial { get; set; }

    public int Count => _texts.Count;

    public ValueMatcher Matcher => _matcher;

    /// <summary>Adds the texts and long numbers in a JSON value.</summary>
    public void Add(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
                Add(reader.GetString()!, MinTextBytes);
            else if (reader.TokenType == JsonTokenType.Number)
                Add(Encoding.UTF8.GetString(reader.ValueSpan), MinNumberBytes);
        }
    }

    private void Add(string text, int minBytes)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length < minBytes || _texts.Contains(text))
            return;
        if (_texts.Count >= MaxValues || _bytes + bytes.Length > MaxBytes)
        {
            IsPartial = true;
            return;
        }
        _texts.Add(text);
        _bytes += bytes.Length;
        var isDistinctive = IsDistinctive(text);
        _matcher.Add(bytes, isDistinctive);
        _matcher.Add(Escaped(text, JavaScriptEncoder.Default), isDistinctive);
        _matcher.Add(Escaped(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping), isDistinctive);
    }

    /// <summary>
    /// Returns whether a value is so specific that another person hardly has the same, such as an e-mail address or a
    /// phone number, but not a city, a country or a date, however long.
    /// </summary>
    private static bool IsDistinctive(string text) =>
        text.Length >= 8
        && !DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _)
        && text.AsSpan().ContainsAny(Specific);

    private static byte[] Escaped(string text, JavaScriptEncoder encoder) =>
        Encoding.UTF8.GetBytes(encoder.Encode(text));
}
