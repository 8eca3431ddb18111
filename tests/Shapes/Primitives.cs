using System.Text.Json;
using Millrace;

namespace Shapes;

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

[Event("texts.held")]
public sealed record TextsHeld(string Text, char Letter, Uri Link, byte[] Bytes, JsonElement Any);

[Event("texts.noted")]
public sealed record TextsNoted(string? Text, char? Letter, Uri? Link, byte[]? Bytes, JsonElement? Any);

[Event("times.held")]
public sealed record TimesHeld(
    Guid Id, DateTime Time, DateTimeOffset Instant, DateOnly Day, TimeOnly Clock, TimeSpan Span);

[Event("times.noted")]
public sealed record TimesNoted(
    Guid? Id, DateTime? Time, DateTimeOffset? Instant, DateOnly? Day, TimeOnly? Clock, TimeSpan? Span);
