using System.Text.Json.Nodes;
using Millrace.Serialization;

namespace Millrace.AspNetCore.Binding;

/// <summary>
/// Finds members of a body whose names differ from a known member only in case, dashes or underscores. The serializer
/// compares names exactly and ignores unknown members, so it would ignore such a member without an error.
/// </summary>
internal sealed class MemberSpellingCheck(ModelCatalog model)
{
    public void Check(JsonNode? given, Type type, string path, ICollection<ValidationProblem> problems)
    {
        if (given is not (JsonObject or JsonArray)
            || model.Describe(Nullable.GetUnderlyingType(type) ?? type) is not { } description)
            return;
        if (given is JsonObject members && description.Form == TypeForm.Object)
            CheckObject(members, description, path, problems);
        else if (given is JsonObject listed && Variant(listed, description) is { } variant)
            CheckObject(listed, variant, path, problems);
        else if (given is JsonObject map && description.Form == TypeForm.Map)
            CheckAll(map.Select(pair => (pair.Key, pair.Value)), description, path, problems);
        else if (given is JsonArray items && description.Form == TypeForm.List)
            CheckAll(items.Select((item, index) => ($"{index}", item)), description, path, problems);
    }

    /// <summary>
    /// Returns the derived type for the discriminator of an object, or null if the object has no known discriminator.
    /// </summary>
    private static TypeDescription? Variant(JsonObject given, TypeDescription description)
    {
        if (description is not { Form: TypeForm.Polymorphic, Discriminator: { } name })
            return null;
        var discriminator = given[name]?.ToString() ?? "";
        return description.Variants.FirstOrDefault(one => $"{one.Discriminator}" == discriminator)?.Description;
    }

    private void CheckObject(
        JsonObject given, TypeDescription description, string path, ICollection<ValidationProblem> problems)
    {
        foreach (var (name, value) in given)
        {
            if (description.Members.FirstOrDefault(member => member.Name == name) is { } member)
                Check(value, member.Type, path + name + ".", problems);
            else if (
                description.Members.FirstOrDefault(member => MessageMember.IsNamed(member.Name, name)) is { } meant)
                problems.Add(
                    new ValidationProblem(
                        path + meant.Name, $"The member '{name}' is unknown. Did you mean '{meant.Name}'?"));
        }
    }

    private void CheckAll(
        IEnumerable<(string Name, JsonNode? Value)> inner,
        TypeDescription description,
        string path,
        ICollection<ValidationProblem> problems)
    {
        foreach (var (name, value) in inner)
            Check(value, description.Inner!, path + name + ".", problems); // Lists and maps have an inner type.
    }
}
