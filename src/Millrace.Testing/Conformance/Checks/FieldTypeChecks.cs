using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// Contains checks of every type that can be indexed. Fields of the type sort, compare and page like .NET values on
/// every storage.
/// </summary>
internal static class FieldTypeChecks
{
    private const int DocumentCount = 60;
    private const int ValueCount = 12;
    private const string Name = "types@1";

    private static readonly Comparison[] Comparisons =
    [
        Comparison.Equal,
        Comparison.NotEqual,
        Comparison.Less,
        Comparison.LessOrEqual,
        Comparison.Greater,
        Comparison.GreaterOrEqual,
        Comparison.GreaterOrNull,
    ];

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        .. FieldTypeSample.All.Select(type => new ConformanceCheck(
            $"A field of {type.Name} compares and sorts like .NET", probe => Compares_like_net(probe, type))),
        new("Numbers of different kinds are compared exactly", Numbers_of_all_kinds),
        new("A value that cannot be compared with its field is refused", Not_comparable),
        new("A document with a value that its field cannot store is refused", Value_that_cannot_be_stored),
        new("Hashes are compared only for equality", Hashes),
        new("The field values of documents are returned if the query requests them", Field_values_in_results),
    ];

    private static async Task Compares_like_net(StorageProbe probe, FieldTypeSample type)
    {
        var random = new Random(29);
        var values = Enumerable
            .Range(0, DocumentCount)
            .ToDictionary(i => $"key-{i}", _ => random.Next(8) == 0 ? null : type.Draw(random));
        await Fill(
            probe,
            [new FieldDefinition("value", type.Kind)],
            values.ToDictionary(one => one.Key, one => Fields(type, one.Value)));
        var compared = values
            .Values.Distinct()
            .Take(ValueCount)
            .Append(null)
            .Concat(Enumerable.Range(0, ValueCount).Select(_ => type.Draw(random)));
        foreach (var value in compared.ToList())
        {
            foreach (var comparison in Comparisons)
            {
                var expected = values.Where(one => Matches(type, one.Value, comparison, value)).Select(one => one.Key);
                var condition = new FieldCondition("value", comparison, type.ToField(value));
                await Compare(probe, condition, expected, $"{type.Name} {comparison} {value ?? "null"}");
            }
        }
        foreach (var (isDescending, limit) in new[] { (false, 7), (true, 7), (false, 1), (true, 1), (false, 1_000) })
            await Page(probe, type, values, isDescending, limit);
    }

    private static async Task Page(
        StorageProbe probe, FieldTypeSample type, Dictionary<string, object?> values, bool isDescending, int limit)
    {
        var expected = values
            .Keys.Order(
                Comparer<string>.Create(
                    (left, right) =>
                        type.Compare(values[left], values[right]) is var order and not 0
                            ? order
                            : string.CompareOrdinal(left, right)))
            .ToList();
        if (isDescending)
            expected.Reverse();
        var query = new DocumentQuery
        {
            Collection = Name,
            OrderBy = "value",
            IsDescending = isDescending,
            Limit = limit,
        };
        var found = new List<string>();
        while (found.Count <= expected.Count)
        {
            var page = await probe.Documents.Query(query, probe.Cancel);
            found.AddRange(page.Documents.Select(document => document.Key));
            if (page.Next is not { } next)
                break;
            query = query with { After = next };
        }
        Expect.Same(expected, found, $"{type.Name}, all pages of {limit}{(isDescending ? " descending" : "")}");
    }

    private static async Task Numbers_of_all_kinds(StorageProbe probe)
    {
        var random = new Random(53);
        var types = FieldTypeSample.Numbers;
        var values = Enumerable
            .Range(0, DocumentCount)
            .ToDictionary(
                i => $"key-{i}",
                _ => types.Select(type => random.Next(8) == 0 ? default : type.ToField(type.Draw(random))).ToArray());
        await Fill(probe, [.. types.Select(type => new FieldDefinition(type.Name, type.Kind))], values);
        for (var i = 0; i < types.Count; i++)
        {
            var field = i;
            foreach (var other in types)
            {
                for (var round = 0; round < ValueCount; round++)
                {
                    var value = other.ToField(other.Draw(random));
                    foreach (var comparison in Comparisons)
                    {
                        var expected = values
                            .Where(one => ExactNumber.Matches(one.Value[field], comparison, value))
                            .Select(one => one.Key);
                        var label = $"{types[field].Name} {comparison} {other.Name} {value}";
                        await Compare(probe, new FieldCondition(types[field].Name, comparison, value), expected, label);
                    }
                }
            }
        }
    }

    private static async Task Not_comparable(StorageProbe probe)
    {
        await Fill(probe, AllKinds, []);
        foreach (var field in AllKinds)
        {
            foreach (var (kind, value) in OfEachKind)
            {
                var condition = new FieldCondition(field.Name, Comparison.Less, value);
                var isOrdered = kind != FieldKind.Hash; // Hashes are not less than another.
                if ((kind == field.Kind && isOrdered) || (IsNumber(kind) && IsNumber(field.Kind)))
                    await probe.Documents.Count(Name, [condition], probe.Cancel);
                else
                    await Expect.Throws<ArgumentException>(
                        async () => await probe.Documents.Count(Name, [condition], probe.Cancel),
                        $"{field.Kind} compared with '{value}'");
            }
        }
    }

    private static async Task Value_that_cannot_be_stored(StorageProbe probe)
    {
        await Fill(probe, AllKinds, []);
        foreach (var (field, value) in InvalidValues)
        {
            var fields = new FieldValue[AllKinds.Length];
            fields[field] = value;
            await Expect.Throws<StorageException>(
                async () => await probe.Do(Sample.Write(Sample.Put(Name, "a", "1", fields))),
                $"'{value}' in a field of {AllKinds[field].Kind}");
        }
        Expect.Equal(0, await probe.Documents.Count(Name, [], probe.Cancel), "documents");
    }

    private static async Task Hashes(StorageProbe probe)
    {
        FieldDefinition[] fields = [new("value", FieldKind.Hash)];
        await Fill(probe, fields, new()
        {
            ["a"] = [FieldValue.OfHash("one")],
            ["b"] = [FieldValue.OfHash("two")],
            ["c"] = [FieldValue.OfHash("one")],
            ["d"] = [FieldValue.Null],
        });
        await Compare(probe, new("value", Comparison.Equal, FieldValue.OfHash("one")), ["a", "c"], "equal");
        await Compare(probe, new("value", Comparison.Equal, FieldValue.OfHash("on")), [], "equal to no hash");
        await Compare(probe, new("value", Comparison.NotEqual, FieldValue.OfHash("one")), ["b", "d"], "not equal");
        await Compare(probe, new("value", Comparison.Equal, FieldValue.Null), ["d"], "null");
        await Compare(probe, new("value", Comparison.NotEqual, FieldValue.Null), ["a", "b", "c"], "not null");
        FieldCondition[] refused =
        [
            new("value", Comparison.Less, FieldValue.OfHash("two")),
            new("value", Comparison.StartsWith, FieldValue.OfHash("o")),
            new("value", Comparison.Equal, "one"),
            new("value", Comparison.Equal, 1),
        ];
        foreach (var condition in refused)
            await Expect.Throws<ArgumentException>(
                async () => await probe.Documents.Count(Name, [condition], probe.Cancel), $"{condition}");
    }

    private static async Task Field_values_in_results(StorageProbe probe)
    {
        var documents = new Dictionary<string, FieldValue[]>
        {
            ["a"] = [.. OfEachKind.Select(one => one.Value)],
            ["b"] = new FieldValue[AllKinds.Length],
        };
        await Fill(probe, AllKinds, documents);
        foreach (var field in AllKinds.Select(field => field.Name).Append(null))
        {
            var query = new DocumentQuery
            {
                Collection = Name,
                OrderBy = field,
                IsDescending = field is not null,
                WithFields = true,
            };
            var page = await probe.Documents.Query(query, probe.Cancel);
            Expect.Same(
                OfEachKind.Select(one => one.Value),
                page.Documents[0].Fields ?? [],
                $"the field values of document a, ordered by {field}");
            Expect.Same(
                new FieldValue[AllKinds.Length],
                page.Documents[1].Fields ?? [],
                $"the field values of document b, ordered by {field}");
        }
    }

    private static FieldDefinition[] AllKinds { get; } =
        [.. Enum.GetValues<FieldKind>().Select(kind => new FieldDefinition($"of{kind}", kind))];

    private static (FieldKind Kind, FieldValue Value)[] OfEachKind { get; } =
    [
        (FieldKind.Text, "5"), (FieldKind.Integer, 5L), (FieldKind.Decimal, 5.5m), (FieldKind.Real, double.NaN),
        (FieldKind.Ticks, TimeSpan.FromTicks(5)), (FieldKind.Hash, FieldValue.OfHash("5")),
    ];

    /// <summary>Gets values that the field at an index of <see cref="AllKinds"/> cannot store.</summary>
    private static (int Field, FieldValue Value)[] InvalidValues { get; } =
    [
        (0, 5L),
        (0, TimeSpan.Zero),
        (1, "5"),
        (1, 1.5m),
        (1, TimeSpan.Zero),
        (2, double.NaN),
        (2, 1e300),
        (2, "5"),
        (3, 0.1m),
        (3, "5"),
        (3, (1L << 53) + 1),
        (4, 5L),
        (4, "2026-01-01"),
        (0, FieldValue.OfHash("5")),
        (5, "5"),
        (5, 5L),
    ];

    private static bool IsNumber(FieldKind kind) => kind is FieldKind.Integer or FieldKind.Decimal or FieldKind.Real;

    private static async Task Fill(
        StorageProbe probe, FieldDefinition[] fields, Dictionary<string, FieldValue[]> documents)
    {
        await probe.Documents.EnsureCollection(new CollectionDefinition(Name, fields), probe.Cancel);
        if (documents.Count > 0)
            await probe.Do(Sample.Write([.. documents.Select(one => Sample.Put(Name, one.Key, one.Key, one.Value))]));
    }

    private static FieldValue[] Fields(FieldTypeSample type, object? value) => [type.ToField(value)];

    private static bool Matches(FieldTypeSample type, object? value, Comparison comparison, object? other) =>
        comparison switch
        {
            Comparison.Equal => Equals(value, other),
            Comparison.NotEqual => !Equals(value, other),
            Comparison.GreaterOrNull => value is null || (other is not null && type.Compare(value, other) > 0),
            _ when value is null || other is null => false,
            Comparison.Less => type.Compare(value, other) < 0,
            Comparison.LessOrEqual => type.Compare(value, other) <= 0,
            Comparison.Greater => type.Compare(value, other) > 0,
            _ => type.Compare(value, other) >= 0,
        };

    private static async Task Compare(
        StorageProbe probe, FieldCondition condition, IEnumerable<string> expected, string label)
    {
        var query = new DocumentQuery
        {
            Collection = Name,
            Conditions = [condition],
            Limit = 1_000,
        };
        var page = await probe.Documents.Query(query, probe.Cancel);
        Expect.Same(expected.Order(StringComparer.Ordinal), page.Documents.Select(document => document.Key), label);
        Expect.Equal(
            page.Documents.Count, await probe.Documents.Count(Name, [condition], probe.Cancel), $"the count, {label}");
    }
}
