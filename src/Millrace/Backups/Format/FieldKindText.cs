using Millrace.Storage;

namespace Millrace.Backups.Format;

/// <summary>Converts kinds of fields to the texts of the format.</summary>
internal static class FieldKindText
{
    private const string PlainReal = "PlainReal"; // Floating-point numbers of earlier versions.

    public static string Of(FieldKind kind) => kind == FieldNumbers.PlainReal ? PlainReal : kind.ToString();

    public static FieldKind Parse(string text) => text switch
    {
        PlainReal => FieldNumbers.PlainReal,
        nameof(FieldKind.Text) => FieldKind.Text,
        nameof(FieldKind.Integer) => FieldKind.Integer,
        nameof(FieldKind.Decimal) => FieldKind.Decimal,
        nameof(FieldKind.Real) => FieldKind.Real,
        nameof(FieldKind.Ticks) => FieldKind.Ticks,
        nameof(FieldKind.Hash) => FieldKind.Hash,
        _ => throw new BackupFormatException($"it contains a field of the unknown kind '{text}'"),
    };
}
