using Millrace.PostgreSql.Documents;
using Millrace.Storage;

namespace Millrace.PostgreSql.Planning;

/// <summary>
/// Divides the space of an index row among its texts. A row that is too large would make the write of its document
/// fail, so an index of several fields contains only documents whose row fits, whatever their key.
/// </summary>
internal static class IndexTextSizes
{
    private const int MaxRowBytes = 2_704;
    private const int RowHeaderBytes = 16;
    private const int TextHeaderBytes = 7; // With alignment.
    private const int SmallTextHeaderBytes = 1;
    private const int MaxSmallTextBytes = 126;
    private const int OtherFieldBytes = 24; // A number, with alignment, or the hash of an encrypted value.

    /// <summary>
    /// Returns the maximum size of each text of an index in bytes; 0 for other fields. The last text gets as much as
    /// possible, because the index may give the order of its values.
    /// </summary>
    public static IReadOnlyList<int> Of(IReadOnlyList<FieldKind> fields)
    {
        var sizes = new int[fields.Count];
        var free = MaxRowBytes - RowHeaderBytes - KeyText.MaxDocumentKeyBytes - TextHeaderBytes;
        for (var i = 0; i < sizes.Length; i++)
        {
            sizes[i] = fields[i] == FieldKind.Text ? LongTexts.IndexedSizes[0] : 0;
            free -= fields[i] == FieldKind.Text ? BytesOf(sizes[i]) : OtherFieldBytes;
        }
        for (var i = sizes.Length - 1; i >= 0; i--)
        {
            if (sizes[i] == 0)
                continue;
            var available = free + BytesOf(sizes[i]);
            sizes[i] = LongTexts.IndexedSizes.Last(size => BytesOf(size) <= available);
            free = available - BytesOf(sizes[i]);
        }
        return sizes;
    }

    private static int BytesOf(int text) => text + (text <= MaxSmallTextBytes ? SmallTextHeaderBytes : TextHeaderBytes);
}
