using System.Globalization;

namespace Millrace.Tests;

/// <summary>Keys of one type and a projection that counts the events of each key. Some of the keys are equal.</summary>
internal abstract class KeySet
{
    /// <summary>The number of keys in each set.</summary>
    public const int Size = 6;

    public abstract ProjectionDefinition Definition { get; }

    /// <summary>Gets a definition with the same keys, but with the key texts of earlier versions.</summary>
    public abstract ProjectionDefinition FormerDefinition { get; }

    /// <summary>Checks that only equal keys share a document.</summary>
    public abstract Task Verify(TestNode node, IReadOnlyList<int> appended, ConsistencyToken token);

    public static KeySet Of<TKey>(params TKey[] keys)
        where TKey : notnull => new KeySet<TKey>(keys);
}

/// <inheritdoc/>
internal sealed class KeySet<TKey> : KeySet
    where TKey : notnull
{
    private readonly TKey[] _keys;
    private readonly ProjectionDefinition<TKey, Cargo> _definition;

    public KeySet(TKey[] keys)
    {
        Assert.Equal(Size, keys.Length);
        _keys = keys;
        _definition = new ProjectionDefinition<TKey, Cargo>
        {
            Name = "by-" + typeof(TKey).Name.ToLowerInvariant(),
            Version = 1,
            Events = [typeof(Loaded)],
            Create = () => new CountingProjection(keys),
            Document = HarbourJson.Default.Cargo,
        };
    }

    public override ProjectionDefinition Definition => _definition;

    public override ProjectionDefinition FormerDefinition =>
        new ProjectionDefinition<TKey, Cargo>
        {
            Name = _definition.Name,
            Version = _definition.Version,
            Events = _definition.Events,
            Create = _definition.Create,
            Document = _definition.Document,
            KeyText = static key =>
                key is IFormattable value ? value.ToString(null, CultureInfo.InvariantCulture) : key.ToString()!,
        };

    public override async Task Verify(TestNode node, IReadOnlyList<int> appended, ConsistencyToken token)
    {
        var model = _definition.CreateReadModel(node.Host);
        foreach (var key in _keys)
        {
            var expected = appended.Count(index => EqualityComparer<TKey>.Default.Equals(_keys[index], key));
            var found = await model.Get(key, token);
            Assert.True(found.IsFresh);
            Assert.True(
                (found.Value?.Changes ?? 0) == expected,
                $"{typeof(TKey).Name} {key}: {found.Value} instead of {expected}");
        }
        var documents = await model.Count([], token);
        Assert.Equal(appended.Select(index => _keys[index]).Distinct().Count(), documents.Value);
        var check = await new Projections(node.Host, [_definition]).Check(_definition.Collection, TestNode.WaitTimeout);
        Assert.Equal((documents.Value, 0), (check.Compared, check.Differences.Count));
    }

    private sealed class CountingProjection(TKey[] keys) : Projection<TKey, Cargo>
    {
        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<TKey> found) =>
            found.Add(keys[((Loaded)recorded.Data).Crates]);

        protected internal override Cargo Fold(TKey key, Cargo? document, RecordedEvent recorded) =>
            new("", 0, (document?.Changes ?? 0) + 1, 0);
    }
}
