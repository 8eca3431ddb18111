using System.Text.Json;
using Millrace;

namespace Shapes;

/// <summary>An event whose members are numbers and a Boolean value.</summary>
[Event("numbers.held")]
public sealed record NumbersHeld(
    bool Flag,
    sbyte Tiny,
    byte Octet,
    short Short,
    ushort Word,
    int Number,
    uint Count,
    long Long,
    ulong Size,
    float Single,
    double Double,
    decimal Amount);

/// <summary>An event whose members are nullable numbers and a nullable Boolean value.</summary>
[Event("numbers.noted")]
public sealed record NumbersNoted(
    bool? Flag,
    sbyte? Tiny,
    byte? Octet,
    short? Short,
    ushort? Word,
    int? Number,
    uint? Count,
    long? Long,
    ulong? Size,
    float? Single,
    double? Double,
    decimal? Amount);

/// <summary>An event whose members are texts, bytes and JSON.</summary>
[Event("texts.held")]
public sealed record TextsHeld(string Text, char Letter, Uri Link, byte[] Bytes, JsonElement Any);

/// <summary>An event whose members are nullable texts, bytes and JSON.</summary>
[Event("texts.noted")]
public sealed record TextsNoted(string? Text, char? Letter, Uri? Link, byte[]? Bytes, JsonElement? Any);

/// <summary>An event whose members are an id, dates and times.</summary>
[Event("times.held")]
public sealed record TimesHeld(
    Guid Id, DateTime Time, DateTimeOffset Instant, DateOnly Day, TimeOnly Clock, TimeSpan Span);

/// <summary>An event whose members are a nullable id and nullable dates and times.</summary>
[Event("times.noted")]
public sealed record TimesNoted(
    Guid? Id, DateTime? Time, DateTimeOffset? Instant, DateOnly? Day, TimeOnly? Clock, TimeSpan? Span);
