namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains names that test quoting, patterns, case, normalization and encodings.</summary>
internal static class UnusualNames
{
    public static IReadOnlyList<string> All { get; } =
    [
        "order-1",
        "Order-1",
        "order-10",
        "order-2",
        "order",
        "order-",
        "-",
        "--",
        " ",
        " order",
        "order ",
        "a b",
        "a\tb",
        "a\nb",
        "a\r\nb",
        "%",
        "_",
        "order%",
        "order_1",
        "orderX1",
        "*",
        "?",
        "[a]",
        "'",
        "''",
        "\"",
        "\\",
        "/",
        "../x",
        "a;drop table events;--",
        "null",
        "NULL",
        "0",
        "00",
        "1",
        "1.0",
        "1e1",
        "-1",
        "true",
        "ä",
        "a\u0308",
        "Ä",
        "ß",
        "ss",
        "é",
        "straße-1",
        "İ",
        "ı",
        "Σ",
        "ς",
        "σ",
        "кириллица",
        "日本語",
        "\u05d0\u05d1", "\u202eabc", "\ufeffx", "x\ufeff", "\u00a0", "\uffff", "\ue000", "\uf900", "😀", "😀a",
        "👨‍👩‍👧", "🇩🇪", "\U0010ffff",
        "\u0001", "\u007f", "\u0080", new('x', 512), new('é', 256), string.Concat(Enumerable.Repeat("😀", 128)),
    ];

    /// <summary>Gets all names in the order of their UTF-8 bytes.</summary>
    public static IReadOnlyList<string> InOrder { get; } = [.. All.Order(Utf8ByteComparer.Instance)];

    /// <summary>Compares texts by their UTF-8 bytes, as storages must.</summary>
    internal sealed class Utf8ByteComparer : IComparer<string>
    {
        public static readonly Utf8ByteComparer Instance = new();

        public int Compare(string? x, string? y) =>
            System
                .Text.Encoding.UTF8.GetBytes(x ?? "")
                .AsSpan()
                .SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(y ?? ""));
    }
}
