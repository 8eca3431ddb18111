using Parquet;
using Parquet.Schema;

namespace Millrace.Archive;

/// <summary>Reads the columns of a row group.</summary>
internal sealed class RowGroupColumns(
    ParquetSchema schema, ParquetRowGroupReader group, CancellationToken cancellationToken)
{
    private readonly int _count = checked((int)group.RowCount);

    public async Task<T[]> Read<T>(DataField field)
        where T : struct
    {
        var values = new T[_count];
        await group.ReadAsync<T>(Find(field), values, null, cancellationToken).ConfigureAwait(false);
        return values;
    }

    public async Task<string?[]> ReadTexts(DataField field)
    {
        var values = new string?[_count];
        await group.ReadAsync(Find(field), values.AsMemory()!, null, cancellationToken).ConfigureAwait(false);
        return values;
    }

    public async Task<byte[]?[]> ReadBytes(DataField field)
    {
        var values = new byte[]?[_count];
        await group.ReadAsync(Find(field), values.AsMemory()!, null, cancellationToken).ConfigureAwait(false);
        return values;
    }

    /// <summary>Reads the tags of each event.</summary>
    public async Task<IReadOnlyList<Tag>[]> ReadTags()
    {
        var field = Find(ArchiveColumns.Tag);
        var count = checked((int)(group.GetMetadata(field)?.MetaData?.NumValues
            ?? throw new FormatException("The column of the tags has no metadata.")));
        var texts = new ReadOnlyMemory<char>[count];
        var definitions = new int[count];
        var repetitions = new int[count];
        await group.ReadRawAsync<ReadOnlyMemory<char>>(field, texts, definitions, repetitions, cancellationToken)
            .ConfigureAwait(false);
        var tags = new IReadOnlyList<Tag>[_count];
        var (row, text) = (-1, 0);
        for (var i = 0; i < count; i++)
        {
            if (repetitions[i] == 0)
                tags[++row] = [];
            if (definitions[i] < field.MaxDefinitionLevel)
                continue; // An empty list.
            tags[row] = [.. tags[row], Tag.Parse(texts[text++].ToString())];
        }
        return tags;
    }

    private DataField Find(DataField field) => schema.FindDataField(field.Path);
}
