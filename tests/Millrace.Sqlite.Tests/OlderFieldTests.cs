using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests collections whose columns were encoded by earlier versions.</summary>
public sealed class OlderFieldTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("Real value", FieldKind.Real)]
    [InlineData("Integer value", FieldKind.Ticks)]
    [InlineData("Text value", FieldKind.Ticks)]
    [InlineData("Text value", FieldKind.Integer)]
    public async Task A_collection_with_columns_of_an_earlier_version_is_emptied_for_a_rebuild(
        string storedFields, FieldKind kind)
    {
        var definition = new CollectionDefinition("sales@1", [new FieldDefinition("value", kind)]);
        await MakeOlder(storedFields);
        await using var storage = await TestData.Open(_directory["shop.db"]);

        Assert.False(await storage.Documents.EnsureCollection(definition, TestData.Cancel));

        Assert.Equal(0, await storage.Documents.Count("sales@1", [], TestData.Cancel));
        Assert.True(await storage.Documents.EnsureCollection(definition, TestData.Cancel));
    }

    [Fact]
    public async Task Floating_point_numbers_of_an_earlier_version_are_compared_as_they_are_stored()
    {
        await MakeOlder("Real value");
        await using var storage = await TestData.Open(_directory["shop.db"]);

        foreach (var (comparison, value, expected) in new (Comparison, FieldValue, long)[]
            {
                (Comparison.Equal, 1.5, 1),
                (Comparison.Less, 2m, 1),
                (Comparison.Greater, 1L, 1),
                (Comparison.Less, double.NaN, 0),
                (Comparison.Greater, double.NaN, 1),
                (Comparison.Equal, double.NaN, 0),
                (Comparison.Less, 1.5, 0),
            }
        )
        {
            Assert.Equal(
                expected,
                await storage.Documents.Count(
                    "sales@1", [new FieldCondition("value", comparison, value)], TestData.Cancel)
            );
        }
    }

    [Fact]
    public async Task The_catalogue_stores_only_changed_encodings_of_keys()
    {
        FieldDefinition[] fields = [new("value", FieldKind.Integer)];
        CollectionDefinition[] definitions =
        [
            new("a@1", []), new("a@2", fields), new("a@3", []) { KeyCoding = 1 }, new("a@4", fields) { KeyCoding = 12 },
        ];
        await using (var storage = await TestData.Open(_directory["shop.db"]))
        {
            foreach (var definition in definitions)
                await storage.Documents.EnsureCollection(definition, TestData.Cancel);
        }

        using var file = Connection.Open(_directory["shop.db"], ConnectionKind.Write, TimeSpan.Zero);
        var found = new List<string>();
        var row = file.Get("SELECT fields FROM collections ORDER BY name");
        while (row.Step())
            found.Add(row.GetText(0));
        row.Reset();
        // The first two are stored as in earlier versions.
        Assert.Equal(["", "Integer value", "Keys 1", "Keys 12\nInteger value"], found);
    }

    /// <summary>Changes a document to the form of an earlier version, with an unencoded floating-point 1.5.</summary>
    private async Task MakeOlder(string fields)
    {
        await using (var storage = await TestData.Open(_directory["shop.db"]))
        {
            await storage.Documents.EnsureCollection(
                new CollectionDefinition("sales@1", [new FieldDefinition("value", FieldKind.Integer)]),
                TestData.Cancel);
            await storage.Commit(
                new CommitRequest
                {
                    Documents =
                    [
                        new DocumentChange
                        {
                            Collection = "sales@1",
                            Key = "a",
                            Body = new byte[1],
                            Fields = [1L],
                        },
                    ],
                }
            );
        }
        using var file = Connection.Open(_directory["shop.db"], ConnectionKind.Write, TimeSpan.Zero);
        var table = Collections.TablePrefix + file.Get("SELECT id FROM collections WHERE name = 'sales@1'").Scalar();
        file.Execute(
            $"UPDATE collections SET fields = '{fields}' WHERE name = 'sales@1'; UPDATE {table} SET f0 = 1.5;");
    }
}
