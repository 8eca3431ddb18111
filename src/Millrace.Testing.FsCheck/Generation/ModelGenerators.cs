using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Testing.Generation;
using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>
/// Contains generators for the types of a model, such as ids, values, events, documents and messages. Immutable.
/// </summary>
/// <remarks>
/// The generators follow the descriptions of the model's converters. If a type's rule refuses a value, another value is
/// generated. The values include edge cases, such as empty and long texts, zero, minimum and maximum numbers and times,
/// and the limits of a type's rule. If a rule refuses nearly all values, provide a generator with
/// <see cref="With{T}"/>.
/// </remarks>
public sealed class ModelGenerators
{
    private readonly SpecificationModel _model;
    private readonly JsonGenerators _json;

    private ModelGenerators(SpecificationModel model, JsonGenerators json) => (_model, _json) = (model, json);

    /// <summary>Returns the generators of a model.</summary>
    public static ModelGenerators Of<TModel>()
        where TModel : IModel => Of(SpecificationModel.Of<TModel>());

    /// <summary>Sets the generator for all values of a type.</summary>
    public ModelGenerators With<T>(Gen<T> generator)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(generator);
        var json = InfoOf(typeof(T));
        return new ModelGenerators(
            _model, _json.With(typeof(T), generator.Select(value => JsonSerializer.SerializeToNode(value, json))));
    }

    /// <summary>Returns a generator for a type of the model.</summary>
    /// <exception cref="SpecificationException">The model does not describe the type, or the type's rule refuses all
    /// generated values.</exception>
    public Gen<T> Generate<T>()
        where T : notnull => Generate(typeof(T)).Select(value => (T)value);

    /// <summary>
    /// Returns an arbitrary for FsCheck's properties. Counterexamples are simplified based on the model's description
    /// of the type. Values from <see cref="With{T}"/> are not simplified.
    /// </summary>
    /// <inheritdoc cref="Generate{T}"/>
    public Arbitrary<T> Arbitrary<T>()
        where T : notnull => Arb.ToArbitrary(Generate<T>(), Simpler);

    /// <summary>Returns a generator for events of any type of the model, in their newest schema version.</summary>
    public Gen<object> GenerateEvent()
    {
        var types = _model.Catalog.EventTypes;
        var newest = types.Types.Where(type => types.GetShape(type.ClrType).Upcaster is null)
            .OrderBy(type => type.Name, StringComparer.Ordinal);
        return Gen.OneOf(newest.Select(type => Generate(type.ClrType)));
    }

    /// <summary>Returns a generator for names of the model's aggregate streams and other valid stream names.</summary>
    public Gen<StreamId> GenerateStream()
    {
        var ofAggregates = _model.Catalog.Aggregates.Select(one =>
            Generate(one.IdType).Where(id => IsStream(one, id)).Select(id => one.StreamWith(id)));
        var others = PrimitiveGenerators
            .Text.Where(text => StreamId.TryParse(text, out _))
            .Select(text => new StreamId(text));
        return Gen.OneOf(ofAggregates.Append(others));
    }

    /// <summary>Returns true if an id gives a valid stream name. The id must not be empty or too long.</summary>
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
        ?? throw new SpecificationException($"A {json.Type.Name} was read from the JSON null.");

    private System.Text.Json.Serialization.Metadata.JsonTypeInfo InfoOf(Type type) =>
        _model.Catalog.Json.TryGetTypeInfo(type, out var json) ? json : throw new SpecificationException(
            $"The model does not serialize {type.Name}: none of its events, messages and documents contains one.");
}
