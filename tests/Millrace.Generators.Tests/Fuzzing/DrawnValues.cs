using System.Reflection;
using System.Text.Json;
using Millrace.Generators.Tests.RoundTrips;

namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>Writes and reads random values of all types of a model and compares them.</summary>
internal sealed class DrawnValues(CompiledModel model, DrawnProgram program, int seed, IReadOnlySet<string> unstored)
{
    private const int ValuesOfType = 6;

    private readonly ValueDrawing _values = new(new SeededRandom(seed));
    private readonly StateText _text = new(unstored);

    /// <summary>Returns a description of the first value that changed, or null.</summary>
    public string? FindProblem() => Problems().FirstOrDefault(problem => problem is not null);

    private IEnumerable<string?> Problems()
    {
        foreach (var type in program.Events.Select(model.Type))
        {
            foreach (var value in DrawSeveral(() => _values.Draw(type)))
            {
                yield return Difference($"{type.Name} as JSON", value, () => model.RoundTrip(value!, EventFormat.Json));
                yield return Difference($"{type.Name} as CBOR", value, () => model.RoundTrip(value!, EventFormat.Cbor));
            }
        }
        foreach (var type in program.Others.Select(model.Type))
        {
            foreach (var value in DrawSeveral(() => _values.Draw(type)))
                yield return Difference(type.Name, value, () => RoundTripJson(value, type));
        }
        foreach (var resultType in program.ResultTypes.Select(model.Type))
        {
            var method = resultType.GetMethod("Handle") ?? resultType.GetMethod("TakeSnapshot")!;
            foreach (var value in DrawSeveral(() => _values.DrawResult(method)))
                yield return Difference(resultType.Name, value, () => RoundTripJson(value, method.ReturnType));
        }
    }

    private static IEnumerable<object?> DrawSeveral(Func<object?> draw) =>
        Enumerable.Range(0, ValuesOfType).Select(_ => draw());

    /// <summary>Writes and reads a value as JSON, like a command, query, answer, document or snapshot.</summary>
    private object? RoundTripJson(object? value, Type type) =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(value, type, model.Json), type, model.Json);

    private string? Difference(string name, object? value, Func<object?> roundTrip)
    {
        var before = _text.Of(value);
        try
        {
            var after = _text.Of(roundTrip());
            return before == after ? null : $"{name}:\n{before}\nwas read back as\n{after}";
        }
        catch (InvalidNameException)
        {
            return null; // The text is not a valid tag.
        }
        catch (EventTypeNotFoundException) when (!program.Events.Contains(value!.GetType().Name))
        {
            return null; // The type is only listed by an event, so the append refuses it.
        }
        catch (Exception exception)
        {
            return $"{name}: {(exception as TargetInvocationException)?.InnerException ?? exception}\n{before}";
        }
    }
}
