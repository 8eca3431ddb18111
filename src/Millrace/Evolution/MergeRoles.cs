namespace Millrace;

/// <summary>Finds which stored shapes are merged, and refuses merges that could be read in two ways.</summary>
internal sealed class MergeRoles(IReadOnlyDictionary<Type, StoredShape> byType, IEnumerable<StoredShape> shapes)
{
    private readonly List<StoredShape> _shapes = [.. shapes];

    /// <exception cref="InvalidOperationException">Two merges contradict each other, or one leads back.</exception>
    public void Assign(IEnumerable<Merger> mergers)
    {
        foreach (var merger in mergers)
        {
            var into = ShapeOf(merger.Into);
            if (merger.First == merger.Second || merger.Into == merger.First || merger.Into == merger.Second)
            {
                throw new InvalidOperationException(
                    $"A merge into {merger.Into} needs two other types of events, and not one of them twice.");
            }
            Assign(new MergeRole(merger, IsFirst: true, into), ShapeOf(merger.First));
            Assign(new MergeRole(merger, IsFirst: false, into), ShapeOf(merger.Second));
        }
        foreach (var role in _shapes.Select(shape => shape.Role).OfType<MergeRole>())
        {
            if (WithSuccessors(role.Into).Any(shape => shape.Role is not null))
                throw new InvalidOperationException(
                    $"{role.Into} is made by a merge and cannot be merged again, nor become what is.");
        }
    }

    /// <summary>The shape, and those that upcasters make of it one after the other.</summary>
    private static IEnumerable<StoredShape> WithSuccessors(StoredShape shape)
    {
        yield return shape;
        while (shape.Upcaster is { IsSplit: false })
        {
            shape = shape.Next[0];
            yield return shape;
        }
    }

    /// <summary>Gives a role to every shape that is read as the type, by way of its upcasters.</summary>
    private void Assign(MergeRole role, StoredShape merged)
    {
        foreach (var shape in _shapes.Where(shape => WithSuccessors(shape).Contains(merged)))
        {
            if (shape.Role is not null)
            {
                throw new InvalidOperationException(
                    $"{shape} is merged in two ways, into {shape.Role.Into} and into {role.Into}: an event takes part "
                        + $"in one merge."
                );
            }
            shape.Role = role;
            shape.MaySplit = true;
        }
    }

    private StoredShape ShapeOf(Type type) =>
        byType.TryGetValue(type, out var shape)
            ? shape
            : throw new InvalidOperationException(
                $"A merge names {type}, which is no registered event type. Mark it with [Event(\"name\")].");
}
