using System.Text;

namespace Commerce.Tests.Trust;

/// <summary>
/// Unique texts as name, e-mail and postal address of a customer, and a search for them in every byte of files, in all
/// forms in which programs store texts.
/// </summary>
internal sealed class Canary
{
    private const int ReadBytes = 1 << 20;

    /// <summary>The number of bytes that are searched again with the next block: a text may lie across both.</summary>
    private const int OverlapBytes = 8 * 1024;

    private readonly List<(string Form, byte[] Bytes)> _needles = [];

    public Canary()
    {
        foreach (var text in (string[])[Name, Email, NewEmail, Street, City, PostalCode, Remark])
            Add(text);
    }

    public string Name { get; } = "Qzv7NameCanary+77";

    public string Email { get; } = "qzv7mailcanary@canary.example";

    public string NewEmail { get; } = "qzv7newcanary@canary.example";

    public string Street { get; } = "77 Qzv7Street Canary";

    public string City { get; } = "Qzv7City Canary";

    public string PostalCode { get; } = "QZV7 7CC";

    /// <summary>Gets what a person writes as the reason of a cancellation.</summary>
    public string Remark { get; } = "Qzv7Remark moves to canary";

    /// <summary>Returns the request for an order of a customer with the postal address.</summary>
    public object OrderOf(string customer, string product, string country) => new
    {
        customer,
        items = new[] { new { product, quantity = 1 } },
        address = new
        {
            street = Street,
            city = City,
            state = "Lancashire",
            postalCode = PostalCode,
            country,
        },
    };

    /// <summary>Returns the names of the files in a directory that contain a text, with the form of the text.</summary>
    public IReadOnlyList<string> FindInFiles(string directory, params string[] except) =>
    [
        .. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetFileName(file).StartsWith(".s.PGSQL", StringComparison.Ordinal)) // A socket.
            .Where(file => !except.Any(folder => file.StartsWith(
                Path.Combine(directory, folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            .SelectMany(FindInFile),
    ];

    /// <summary>Returns the forms of the texts that bytes contain, also compressed.</summary>
    public IEnumerable<string> Find(string place, ReadOnlyMemory<byte> bytes) =>
        FindInPart(place, bytes).Concat(Compressed
            .ReadBody(bytes)
            .SelectMany(part => FindPlain($"{place}, compressed with {part.Format}", part.Bytes)));

    /// <summary>
    /// Finds texts in a part of a file, also in compressed content with a header, and in Base64Url as in addresses.
    /// </summary>
    private IEnumerable<string> FindInPart(string place, ReadOnlyMemory<byte> bytes) =>
        FindPlain(place, bytes)
            .Concat(Compressed.ReadParts(bytes)
                .SelectMany(part => FindPlain($"{place}, compressed with {part.Format}", part.Bytes)))
            .Concat(Compressed.ReadTokens(bytes)
                .SelectMany(part => FindPlain($"{place}, {part.Format} as Base64Url", part.Bytes)));

    private IEnumerable<string> FindPlain(string place, ReadOnlyMemory<byte> bytes) =>
        _needles.Where(needle => bytes.Span.IndexOf(needle.Bytes) >= 0).Select(needle => $"{place}: {needle.Form}");

    private IEnumerable<string> FindInFile(string path)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var buffer = new byte[ReadBytes + OverlapBytes];
        var kept = 0;
        try
        {
            using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            while (file.Read(buffer, kept, ReadBytes) is > 0 and var read)
            {
                found.UnionWith(FindInPart(path, buffer.AsMemory(0, kept + read)));
                var rest = Math.Min(OverlapBytes, kept + read);
                buffer.AsSpan(kept + read - rest, rest).CopyTo(buffer);
                kept = rest;
            }
        }
        catch (FileNotFoundException)
        {
            // A server removed it.
        }
        return found;
    }

    private void Add(string text)
    {
        foreach (var variant in (string[])[text, text.ToLowerInvariant()])
        {
            _needles.Add(($"UTF-8 of {variant}", Encoding.UTF8.GetBytes(variant)));
            _needles.Add(($"UTF-16 of {variant}", Encoding.Unicode.GetBytes(variant)));
            _needles.Add(($"UTF-16BE of {variant}", Encoding.BigEndianUnicode.GetBytes(variant)));
            _needles.Add(($"hexadecimal of {variant}", Encoding.ASCII.GetBytes(
                Convert.ToHexStringLower(Encoding.UTF8.GetBytes(variant)))));
            _needles.Add(($"percent encoding of {variant}", Encoding.UTF8.GetBytes(Uri.EscapeDataString(variant))));
            _needles.Add((
                $"JSON escapes of {variant}",
                Encoding.UTF8.GetBytes(System.Text.Json.JsonEncodedText.Encode(variant).ToString())));
            for (var shift = 0; shift < 3; shift++)
            {
                // The first and last characters depend on the neighbours of the text.
                var base64 = Convert.ToBase64String((byte[])[.. new byte[shift], .. Encoding.UTF8.GetBytes(variant)]);
                var fixedPart = base64.TrimEnd('=')[(shift == 0 ? 0 : 4)..^3];
                _needles.Add(($"Base64 of {variant}", Encoding.ASCII.GetBytes(fixedPart)));
            }
        }
    }
}
