namespace Millrace.Evolution;

/// <summary>Finds the stored shapes that are merged, and refuses ambiguous merges.</summary>
internal sealed class MergeRoles(IReadOnlyDictionary<Type, StoredShape> byType, IEnumerable<StoredShape> shapes)
{
    private readonly List<StoredShape> _shapes = [.. shapes];

    /// <exception cref="InvalidOperationException">Two merges contradict each other, or merges form a
    /// cycle.</exception>
    public void Assign(IEnumerable<Merger> mergers)
    {
        foreach (var merger in mergers)
        {
            var into = ShapeOf(merger.Into);
            if (merger.First == merger.Second || merger.Into == merger.First || merger.Into == merger.Second)
            {
                throw new InvalidOperationException(
                    $"A merge into {merger.Into} needs two different event types other than {merger.Into}.");
            }
            Assign(new MergeRole(merger, IsFirst: true, into), ShapeOf(merger.First));
            Assign(new MergeRole(merger, IsFirst: false, into), ShapeOf(merger.Second));
        }
        foreach (var role in _shapes.Select(shape => shape.Role).OfType<MergeRole>())
        {
            if (WithSuccessors(role.Into).Any(shape => shape.Role is not null))
                throw new InvalidOperationException(
                    $"{role.Into} is the result of a merge, so neither it nor its newer versions can be merged again.");
        }
    }

    /// <summary>Returns the shape and all shapes that upcasters create from it, directly or in several steps.</summary>
    private static IEnumerable<StoredShape> WithSuccessors(StoredShape shape)
    {
        yield return shape;
        while (shape.Upcaster is { IsSplit: false })
        {
            shape = shape.Next[0];
            yield return shape;
        }
    }

    /// <summary>Assigns a role to every shape that upcasters convert to the type of the role.</summary>
    private void Assign(MergeRole role, StoredShape merged)
    {
        foreach (var shape in _shapes.Where(shape => WithSuccessors(shape).Contains(merged)))
        {
            if (shape.Role is not null)
            {
                throw new InvalidOperationException(
                    $"{shape} is merged both into {shape.Role.Into} and into {role.Into}: an event can be part of "
                    + "only one merge.");
            }
            shape.Role = role;
            shape.MaySplit = true;
        }
    }

    private StoredShape ShapeOf(Type type) =>
        byType.TryGetValue(type, out var shape)
            ? shape
            : throw new InvalidOperationException(
                $"A merge uses {type}, which is not a registered event type. Mark it with [Event(\"name\")].");
}
