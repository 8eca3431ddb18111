namespace Millrace;

/// <summary>Finds the way of a command by its type. Immutable.</summary>
/// <remarks>
/// Every command passes here, so it costs as little as can be: the address of the type's own description is the key, and the table is sparse
/// enough that the first look nearly always finds it. Half the time of a frozen dictionary.
/// </remarks>
internal sealed class CommandRouteTable
{
    private const int SlotsPerRoute = 4;

    private readonly Slot[] _slots;
    private readonly int _mask;

    public CommandRouteTable(IEnumerable<(Type Command, CommandRoute Route)> routes)
    {
        var all = routes.ToArray();
        _slots = new Slot[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, all.Length) * SlotsPerRoute)];
        _mask = _slots.Length - 1;
        foreach (var (command, route) in all)
            Add(command, route);
    }

    /// <summary>The way of a type, or null.</summary>
    public CommandRoute? Find(Type command)
    {
        var key = command.TypeHandle.Value;
        var slots = _slots;
        for (var i = IndexOf(key); ; i++)
        {
            ref readonly var slot = ref slots[i & _mask];
            if (slot.Key == key)
                return slot.Route;
            if (slot.Route is null)
                return null; // The table is never full, so there is always an end.
        }
    }

    private void Add(Type command, CommandRoute route)
    {
        var key = command.TypeHandle.Value;
        var i = IndexOf(key);
        for (; _slots[i & _mask].Route is not null; i++)
        {
            if (_slots[i & _mask].Key == key)
                throw new InvalidOperationException($"{command} has two handlers. Remove one of them.");
        }
        _slots[i & _mask] = new Slot(key, route);
    }

    /// <summary>Descriptions of types lie at multiples of eight, and those declared together near each other.</summary>
    private int IndexOf(nint key) => (int)((ulong)key * 0x9E37_79B9_7F4A_7C15 >> 40) & _mask;

    private readonly record struct Slot(nint Key, CommandRoute? Route);
}
