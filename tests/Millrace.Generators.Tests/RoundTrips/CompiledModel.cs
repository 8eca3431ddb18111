using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Millrace.Events;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>
/// A model that is compiled from source text and its generated code, and loaded. The class of the model is
/// <c>Sample</c>.
/// </summary>
internal sealed class CompiledModel : IDisposable
{
    public const string Declaration = "[Model] public sealed partial class Sample;\n";

    private readonly AssemblyLoadContext _context = new("Sample", isCollectible: true);

    private CompiledModel(MemoryStream image)
    {
        Assembly = _context.LoadFromStream(image);
        var model = Type("Sample");
        Json = (JsonSerializerOptions)model.GetProperty("Json")!.GetValue(null)!;
        var builder = new ModelBuilder();
        model.GetMethod("Register")!.Invoke(null, [builder]);
        Catalog = new ModelCatalog(builder);
    }

    public Assembly Assembly { get; }

    public JsonSerializerOptions Json { get; }

    public ModelCatalog Catalog { get; }

    public static CompiledModel Of(string source) =>
        TryOf(source, out var problems)
        ?? throw new InvalidOperationException(string.Join("\n", problems) + "\n" + source);

    /// <summary>Returns the compiled model. Returns null and all diagnostics if there are errors.</summary>
    public static CompiledModel? TryOf(string source, out IReadOnlyList<Diagnostic> problems)
    {
        var sources = GeneratorRunner.Compile(source, Declaration);
        GeneratorRunner.Driver().RunGeneratorsAndUpdateCompilation(sources, out var compilation, out var reported);
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        problems =
        [
            .. reported.Concat(emitted.Diagnostics).Where(found => found.Severity >= DiagnosticSeverity.Warning),
        ];
        if (!emitted.Success || reported.Any(found => found.Severity == DiagnosticSeverity.Error))
            return null;
        image.Position = 0;
        return new CompiledModel(image);
    }

    public Type Type(string name) => Assembly.GetType(name, throwOnError: true)!;

    /// <summary>Returns the value of a static property of the class <c>Given</c>.</summary>
    public object Given(string name) => UnwrapException(() => Type("Given").GetProperty(name)!.GetValue(null)!);

    /// <summary>Returns the bytes of an event in the format of a store.</summary>
    public byte[] Write(object data, EventFormat format) =>
        new EventSerializer(Catalog.EventTypes, new EventLimits(), format).Encode(data, Context).Payload.ToArray();

    public object Read(Type type, byte[] payload, EventFormat format) => Catalog.EventTypes.Get(type).Read(
        payload, format == EventFormat.Cbor ? EventContentType.Cbor : EventContentType.Json);

    /// <summary>Writes and reads an event in the format of a store, or in the format that the event declares.</summary>
    public object RoundTrip(object data, EventFormat format)
    {
        var encoded = new EventSerializer(Catalog.EventTypes, new EventLimits(), format).Encode(data, Context);
        return Catalog.EventTypes.Get(data.GetType()).Read(encoded.Payload.Span, encoded.ContentType);
    }

    public void Dispose() => _context.Unload();

    private static AppendContext Context => new(DateTimeOffset.UnixEpoch, EventMetadata.Empty, default, null, null);

    private static T UnwrapException<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (TargetInvocationException exception)
        {
            throw exception.InnerException!;
        }
    }
}
