using System.Reflection;
using System.Text.Json;
using Millrace.Generators.Tests.RoundTrips;

namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>Values of all that a model writes: they come back as they were.</summary>
internal sealed class DrawnValues(CompiledModel model, DrawnProgram program, int seed, IReadOnlySet<string> unstored)
{
    private const int ValuesOfType = 6;

    private readonly ValueDrawing _values = new(new SeededRandom(seed));
    private readonly StateText _text = new(unstored);

    /// <summary>What is wrong with the first value that does not come back, or null.</summary>
    public string? Problem() => Problems().FirstOrDefault(problem => problem is not null);

    private IEnumerable<string?> Problems()
    {
        foreach (var type in program.Events.Select(model.Type))
        {
            foreach (var value in Several(() => _values.Draw(type)))
            {
                yield return Difference($"{type.Name} as JSON", value, () => model.Again(value!, EventFormat.Json));
                yield return Difference($"{type.Name} as CBOR", value, () => model.Again(value!, EventFormat.Cbor));
            }
        }
        foreach (var type in program.Others.Select(model.Type))
        {
            foreach (var value in Several(() => _values.Draw(type)))
                yield return Difference(type.Name, value, () => AsJson(value, type));
        }
        foreach (var giver in program.Givers.Select(model.Type))
        {
            var method = giver.GetMethod("Handle") ?? giver.GetMethod("TakeSnapshot")!;
            foreach (var value in Several(() => _values.DrawResult(method)))
                yield return Difference(giver.Name, value, () => AsJson(value, method.ReturnType));
        }
    }

    private static IEnumerable<object?> Several(Func<object?> draw) =>
        Enumerable.Range(0, ValuesOfType).Select(_ => draw());

    /// <summary>As commands, queries, answers, documents and snapshots are written.</summary>
    private object? AsJson(object? value, Type type) =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(value, type, model.Json), type, model.Json);

    private string? Difference(string name, object? value, Func<object?> again)
    {
        var before = _text.Of(value);
        try
        {
            var after = _text.Of(again());
            return before == after ? null : $"{name}:\n{before}\ncame back as\n{after}";
        }
        catch (InvalidNameException)
        {
            return null; // A text that can be no tag.
        }
        catch (EventTypeNotFoundException) when (!program.Events.Contains(value!.GetType().Name))
        {
            return null; // One that an event lists, and that is no event itself: the append refuses it.
        }
        catch (Exception exception)
        {
            return $"{name}: {(exception as TargetInvocationException)?.InnerException ?? exception}\n{before}";
        }
    }
}
