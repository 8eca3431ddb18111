using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Upcasts;

/// <summary>Writes the registration of the upcasters.</summary>
internal static class UpcastEmitter
{
    public static void Write(CodeWriter code, UpcastModel upcast)
    {
        var from = upcast.From;
        if (upcast.Second is { } second)
        {
            code.Line($"model.Merge<{from.Type}, {second.Type}, {upcast.Into[0].Type}>({upcast.Method});");
            return;
        }
        var (generic, start) = from.Type is null
            ? ("", $"{from.Name.Literal()}, {from.Version.Literal()}, ")
            : (from.Type, "");
        if (upcast.To > 0)
        {
            code.Line($"model.Upcast({start}{upcast.To.Literal()}, {upcast.Method});");
            return;
        }
        if (upcast is { IsTuple: false, Into: [{ AllowsNull: false } only] })
        {
            var types = generic.Length > 0 ? $"{generic}, {only.Type}" : only.Type;
            code.Line($"model.Upcast<{types}>({start}{upcast.Method});");
            return;
        }
        WriteSplit(code, upcast, generic, start);
    }

    private static void WriteSplit(CodeWriter code, UpcastModel upcast, string generic, string start)
    {
        code.Line($"model.Split{(generic.Length > 0 ? $"<{generic}>" : "")}(");
        if (start.Length > 0)
            code.Inner(start.TrimEnd());
        if (upcast.IsTuple)
        {
            var items = string.Join(", ", upcast.Into.Select((_, index) => $"made.Item{(index + 1).Literal()}"));
            code.Inner("static old =>").Inner("{")
                .Inner($"    var made = {upcast.Method}(old);")
                .Inner($"    return [{items}];")
                .Inner("},");
        }
        else
        {
            code.Inner($"static old => [{upcast.Method}(old)],");
        }
        code.Inner($"[{string.Join(", ", upcast.Into.Select(key => $"typeof({key.Type})"))}]);");
    }
}
