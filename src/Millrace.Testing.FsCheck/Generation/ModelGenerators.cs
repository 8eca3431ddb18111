using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Testing;

/// <summary>Generators of what a model consists of: ids, values, events, documents, messages. Immutable.</summary>
/// <remarks>
/// They are made from what the model's converters say of their types; a value that its own rule refuses is made anew.
/// Among usual values come those at edges: empty and long texts, zero, the least and the greatest number and time, and
/// the limits of a type's own rule. Where a rule is too narrow, <see cref="With{T}"/> says how its values are made.
/// </remarks>
public sealed class ModelGenerators
{
    private readonly SpecificationModel _model;
    private readonly JsonGenerators _json;

    private ModelGenerators(SpecificationModel model, JsonGenerators json) => (_model, _json) = (model, json);

    /// <summary>The generators of a model.</summary>
    public static ModelGenerators Of<TModel>()
        where TModel : IModel => Of(SpecificationModel.Of<TModel>());

    /// <summary>Says how values of a type are made, wherever they occur.</summary>
    public ModelGenerators With<T>(Gen<T> generator)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(generator);
        var json = InfoOf(typeof(T));
        return new ModelGenerators(
            _model, _json.With(typeof(T), generator.Select(value => JsonSerializer.SerializeToNode(value, json))));
    }

    /// <summary>Makes values of a type that the model knows.</summary>
    /// <exception cref="SpecificationException">The model does not say what the type consists of; or, when values are
    /// made, its rule refuses all that the kit makes.</exception>
    public Gen<T> Generate<T>()
        where T : notnull => Generate(typeof(T)).Select(value => (T)value);

    /// <summary>
    /// The same as FsCheck's properties take it: what is found is made simpler, by what the model says of the type.
    /// Values made by <see cref="With{T}"/> stay as they were made.
    /// </summary>
    /// <inheritdoc cref="Generate{T}"/>
    public Arbitrary<T> Arbitrary<T>()
        where T : notnull => Arb.ToArbitrary(Generate<T>(), Simpler);

    /// <summary>Makes events of any type of the model, in their newest shapes.</summary>
    public Gen<object> GenerateEvent()
    {
        var types = _model.Catalog.EventTypes;
        var newest = types.Types.Where(type => types.GetShape(type.ClrType).Upcaster is null)
            .OrderBy(type => type.Name, StringComparer.Ordinal);
        return Gen.OneOf(newest.Select(type => Generate(type.ClrType)));
    }

    /// <summary>Makes names of streams: of the model's aggregates, and any other that is allowed.</summary>
    public Gen<StreamId> GenerateStream()
    {
        var ofAggregates = _model.Catalog.Aggregates.Select(one =>
            Generate(one.IdType).Where(id => IsStream(one, id)).Select(id => one.StreamWith(id)));
        var others = PrimitiveGenerators
            .Text.Where(text => StreamId.TryParse(text, out _))
            .Select(text => new StreamId(text));
        return Gen.OneOf(ofAggregates.Append(others));
    }

    /// <summary>An id may be longer than the name of a stream, or empty.</summary>
    private static bool IsStream(AggregateDefinition aggregate, object id)
    {
        try
        {
            aggregate.StreamWith(id);
            return true;
        }
        catch (Exception exception) when (exception is MillraceException or ArgumentException)
        {
            return false;
        }
    }

    internal static ModelGenerators Of(SpecificationModel model) => new(model, new JsonGenerators(model.Catalog));

    internal Gen<object> Generate(Type type)
    {
        var json = InfoOf(type);
        return _json.Of(type).Select(node => Read(node, json));
    }

    private IEnumerable<T> Simpler<T>(T value)
        where T : notnull
    {
        var json = InfoOf(typeof(T));
        return _json
            .Simpler(typeof(T), JsonSerializer.SerializeToNode(value, json))
            .Select(node => (T)Read(node, json));
    }

    private static object Read(JsonNode? node, System.Text.Json.Serialization.Metadata.JsonTypeInfo json) =>
        JsonSerializer.Deserialize(node, json)
        ?? throw new SpecificationException($"A {json.Type.Name} was made of the JSON null.");

    private System.Text.Json.Serialization.Metadata.JsonTypeInfo InfoOf(Type type) =>
        _model.Catalog.Json.TryGetTypeInfo(type, out var json) ? json : throw new SpecificationException(
            $"The model does not say how {type.Name} is written: no event, message or document of it holds one.");
}
