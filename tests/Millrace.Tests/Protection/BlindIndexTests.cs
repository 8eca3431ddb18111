using System.Globalization;
using System.Text;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Tests.Protection;

/// <summary>Tests the hashes in the columns of encrypted values.</summary>
public sealed class BlindIndexTests : IAsyncDisposable
{
    private const string Name = "people@1";

    private static readonly FieldDefinition[] Fields =
    [
        new("text", FieldKind.Text), new("integer", FieldKind.Integer), new("decimal", FieldKind.Decimal),
        new("real", FieldKind.Real), new("ticks", FieldKind.Ticks), new("plain", FieldKind.Text),
    ];

    private static readonly FieldValue[][] Values =
    [
        ["Ada", "ada", "", "Zoë", "[erased]", FieldValue.Null],
        [0L, 1L, -1L, long.MaxValue, FieldValue.Null],
        [0m, 1.0m, 1.00m, -0.5m, decimal.MaxValue, FieldValue.Null],
        [0.0, -0.0, double.NaN, 1.5, double.MaxValue, FieldValue.Null],
        [TimeSpan.Zero, TimeSpan.FromTicks(1), FieldValue.Null],
        ["x", "y", FieldValue.Null],
    ];

    private readonly ProtectionSample _sample = new();

    private static ProtectionModel Model { get; } = new(
        new Dictionary<string, IReadOnlyList<ProtectedMember>>(),
        new Dictionary<string, IReadOnlyList<ProtectedMember>>
        {
            [Name] =
            [
                .. Fields.Take(5).Select(field => new ProtectedMember("/" + field.Name)
                {
                    Subject = "/id",
                    SubjectType = "person",
                }),
            ],
        })
    {
        BlindFields = new BlindFields(new Dictionary<string, IReadOnlyList<BlindField>>
        {
            [Name] =
            [
                .. Fields.Take(5).Select((field, i) => new BlindField(
                    i, field.Name, "/" + field.Name, field.Kind, i == 0 ? "[erased]" : FieldValue.Null)),
            ],
        }),
    };

    public ValueTask DisposeAsync() => _sample.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Conditions_select_the_same_documents_as_a_comparison_of_the_values(int seed)
    {
        var random = new Random(seed);
        var store = await Open();
        var documents = new Dictionary<string, FieldValue[]>(StringComparer.Ordinal);
        for (var i = 0; i < 40; i++)
        {
            var values = Array.ConvertAll(Values, choices => choices[random.Next(choices.Length)]);
            documents[i.ToString(CultureInfo.InvariantCulture)] = values;
            await Write(store, i.ToString(CultureInfo.InvariantCulture), values);
        }

        for (var i = 0; i < 200; i++)
        {
            var conditions = Enumerable.Range(0, random.Next(1, 3)).Select(_ => ConditionOf(random)).ToArray();
            var expected = documents
                .Where(pair => conditions.All(condition => Meets(pair.Value, condition)))
                .Select(pair => pair.Key);
            var query = new DocumentQuery { Collection = Name, Conditions = conditions, Limit = 100 };
            var page = await store.Storage.Documents.Query(query, default);
            var label = $"seed {seed}: {string.Join(", ", conditions.AsEnumerable())}";
            Assert.True(
                expected.Order(StringComparer.Ordinal).SequenceEqual(page.Documents.Select(found => found.Key)), label);
            Assert.Equal(page.Documents.Count, await store.Storage.Documents.Count(Name, conditions, default));
        }
    }

    [Fact]
    public async Task Columns_contain_hashes_of_22_characters_and_null_stays_null()
    {
        var store = await Open();
        await Write(store, "1", ["Ada", 1L, 1m, 1.5, TimeSpan.Zero, "x"]);
        await Write(store, "2", new FieldValue[6]);

        var stored = await Stored();

        Assert.All(stored["1"].Take(5), value => Assert.Matches("^[A-Za-z0-9_-]{22}$", (string)value.Value!));
        Assert.Equal(5, stored["1"].Take(5).Select(value => value.Value).Distinct().Count());
        Assert.Equal("x", stored["1"][5]);
        Assert.All(stored["2"], value => Assert.True(value.IsNull));
        var info = Assert.Single(await _sample.Storage.Documents.List(default));
        Assert.Equal(
            [.. Enumerable.Repeat(FieldKind.Hash, 5), FieldKind.Text],
            info.Definition.Fields.Select(field => field.Kind));
    }

    [Fact]
    public async Task Fields_tenants_and_collections_have_their_own_hashes()
    {
        await using var keys = new KeyRing(
            new InMemoryKeyStore(), [new InMemoryMasterKey()], TimeSpan.FromMinutes(1), TimeProvider.System);
        await keys.Open(default);
        var hashes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var owner in new[] { ("", "index:people@1"), ("", "index:people@1.2"), ("acme", "index:people@1") })
        {
            var key = await keys.GetCurrent(new KeyOwner(owner.Item1, "", owner.Item2), default);
            foreach (var field in new[] { "name", "email" })
                Assert.True(hashes.Add(BlindHash.Of(key, field, FieldKind.Text, "Ada")));
            Assert.False(hashes.Add(BlindHash.Of(key, "name", FieldKind.Text, "Ada")));
        }
    }

    [Fact]
    public async Task The_hash_of_an_erased_person_is_that_of_the_erased_value()
    {
        var store = await Open();
        await Write(store, "1", ["Ada", 1L, 1m, 1.5, TimeSpan.Zero, "x"]);
        await Write(store, "2", ["[erased]", 1L, 1m, 1.5, TimeSpan.Zero, "x"]);
        await _sample.Keys.Destroy(new KeyOwner("", "person-1", KeyOwner.AllKinds), default);

        await Write(store, "1", ["Ada", 1L, 1m, 1.5, TimeSpan.Zero, "x"]);

        var stored = await Stored();
        Assert.Equal(stored["2"][0], stored["1"][0]);
        Assert.All(stored["1"].Skip(1).Take(4), value => Assert.True(value.IsNull));
    }

    [Fact]
    public async Task A_lost_key_is_an_error_and_not_a_wrong_answer()
    {
        var store = await Open();
        await Write(store, "1", ["Ada", 1L, 1m, 1.5, TimeSpan.Zero, "x"]);
        var identity = await _sample.KeyStore.Open(default);
        _sample.KeyStore = new EmptiedKeyStore(identity);
        var other = await Open();
        FieldCondition[] conditions = [new("text", Comparison.Equal, "Ada")];

        var query = await Assert.ThrowsAsync<KeyStoreException>(
            () => other.Storage.Documents.Count(Name, conditions, default).AsTask());
        var write = await Assert.ThrowsAsync<KeyStoreException>(
            () => Write(other, "2", ["Bob", 1L, 1m, 1.5, TimeSpan.Zero, "x"]));
        await other.Storage.Documents.Clear(Name, null, default);
        await Write(other, "2", ["Bob", 1L, 1m, 1.5, TimeSpan.Zero, "x"]);

        Assert.Contains("build the read model again", query.Message, StringComparison.Ordinal);
        Assert.Equal(StorageProblem.Damaged, write.Problem);
        Assert.Equal(0, await other.Storage.Documents.Count(Name, conditions, default));
    }

    [Fact]
    public async Task The_key_of_an_index_is_not_replaced()
    {
        var store = await Open();
        await Write(store, "1", ["Ada", 1L, 1m, 1.5, TimeSpan.Zero, "x"]);
        var keys = new DataKeys(_sample.Keys);
        var listed = await keys.List(new KeyQuery { Subject = "" });

        var owner = Assert.Single(listed, key => key.Owner.Kind == "index:people@1").Owner;

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => keys.Replace(owner).AsTask());
        Assert.Contains("cannot be replaced", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collection_of_a_version_without_marks_is_still_filtered_by_its_plain_values()
    {
        var store = await Open();
        await _sample.Storage.Documents.EnsureCollection(new CollectionDefinition("people@0", Fields), default);
        await _sample.Storage.Log.Commit(
            [
                new CommitRequest
                {
                    Documents =
                    [
                        new DocumentChange
                        {
                            Collection = "people@0",
                            Key = "1",
                            Body = "{}"u8.ToArray(),
                            Fields = ["Ada", 1L, 1m, 1.5, TimeSpan.Zero, "x"],
                        },
                    ],
                },
            ],
            DateTimeOffset.UtcNow,
            default);

        FieldCondition[] conditions = [new("text", Comparison.Equal, "Ada"), new("integer", Comparison.NotEqual, 2)];

        Assert.Equal(1, await store.Storage.Documents.Count("people@0", conditions, default));
        var keys = await new DataKeys(_sample.Keys).List(new KeyQuery { Subject = "" });
        Assert.DoesNotContain(keys, key => key.Owner.Kind == "index:people@0");
    }

    private static FieldCondition ConditionOf(Random random)
    {
        var field = random.Next(Values.Length);
        var value = Values[field][random.Next(Values[field].Length)];
        if (field is >= 1 and <= 3 && random.Next(3) == 0)
            value = Values[random.Next(1, 4)] is var other ? other[random.Next(other.Length)] : value;
        var comparison = random.Next(2) == 0 ? Comparison.Equal : Comparison.NotEqual;
        return new FieldCondition(Fields[field].Name, comparison, value);
    }

    private static bool Meets(FieldValue[] values, FieldCondition condition)
    {
        var index = Array.FindIndex(Fields, field => field.Name == condition.Field);
        return FieldOrder.Meets(values[index], condition.Comparison, condition.Value);
    }

    private async Task<EventStore> Open()
    {
        var store = await _sample.Open(model: Model);
        await store.Storage.Documents.EnsureCollection(new CollectionDefinition(Name, Fields), default);
        return store;
    }

    private static async Task Write(EventStore store, string key, FieldValue[] values)
    {
        var json = new StringBuilder("{\"id\":\"").Append(key).Append('"');
        for (var i = 0; i < values.Length; i++)
        {
            if (!values[i].IsNull)
                json.Append(CultureInfo.InvariantCulture, $",\"{Fields[i].Name}\":\"{values[i]}\"");
        }
        var change = new DocumentChange
        {
            Collection = Name,
            Key = key,
            Body = Encoding.UTF8.GetBytes(json.Append('}').ToString()),
            Fields = values,
        };
        var outcome = await store.TryCommit(new CommitRequest { Documents = [change] }, isBackground: false, default);
        if (outcome.Refusal is { } refusal)
            throw refusal;
    }

    private async Task<Dictionary<string, IReadOnlyList<FieldValue>>> Stored()
    {
        var query = new DocumentQuery { Collection = Name, WithFields = true, Limit = 100 };
        var page = await _sample.Storage.Documents.Query(query, default);
        return page.Documents.ToDictionary(document => document.Key, document => document.Fields!);
    }

    /// <summary>A key store with the identity of another one, but without its keys.</summary>
    private sealed class EmptiedKeyStore(KeyStoreIdentity identity) : IKeyStore
    {
        private readonly InMemoryKeyStore _inner = new();

        public string Description => "the restored key store";

        public async ValueTask<KeyStoreIdentity> Open(CancellationToken cancellationToken)
        {
            await _inner.Open(cancellationToken);
            return identity;
        }

        public ValueTask<IReadOnlyList<KeyRecord>> Find(
            IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
            _inner.Find(ids, cancellationToken);

        public ValueTask<KeyRecord?> FindCurrent(KeyOwner owner, CancellationToken cancellationToken) =>
            _inner.FindCurrent(owner, cancellationToken);

        public ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken) =>
            _inner.Add(key, cancellationToken);

        public ValueTask<bool> Replace(KeyRecord key, string replacedId, CancellationToken cancellationToken) =>
            _inner.Replace(key, replacedId, cancellationToken);

        public ValueTask<bool> Rewrap(KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken) =>
            _inner.Rewrap(key, formerMasterKeyId, cancellationToken);

        public ValueTask<IReadOnlyList<string>> Destroy(
            KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken) =>
            _inner.Destroy(owner, at, cancellationToken);

        public ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken) =>
            _inner.List(query, cancellationToken);

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }
}
