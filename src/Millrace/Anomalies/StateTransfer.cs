using System.Buffers;
using System.Buffers.Binary;

namespace Millrace.Anomalies;

/// <summary>
/// Writes or reads the state of a detector. Each part lists its fields once, for both directions.
/// </summary>
internal sealed class StateTransfer
{
    private const byte Version = 1;
    private const double MaxMagnitude = 1e120; // Squares of it are still numbers.
    private readonly ArrayBufferWriter<byte>? _output;
    private readonly ReadOnlyMemory<byte> _input;
    private int _position;

    /// <summary>Creates a transfer that writes.</summary>
    public StateTransfer()
    {
        _output = new ArrayBufferWriter<byte>();
        _output.Write([Version]);
    }

    /// <summary>Creates a transfer that reads.</summary>
    /// <exception cref="AnomalyStateException">The state has another version.</exception>
    public StateTransfer(ReadOnlyMemory<byte> input)
    {
        _input = input;
        if (input.IsEmpty || input.Span[0] != Version)
            throw new AnomalyStateException($"it does not start with version {Version}");
        _position = 1;
    }

    /// <summary>Moves values to the start of their array before they are read or written.</summary>
    public void Compact(double[] values, ref int start, int count)
    {
        if (_output is not null && start > 0)
            Array.Copy(values, start, values, 0, count);
        start = 0;
    }

    /// <summary>Transfers a number of entries, which must be from 0 to a maximum.</summary>
    public void Count(ref int count, int max)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, count);
        Transfer(bytes);
        count = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (count < 0 || count > max)
            throw new AnomalyStateException($"it has a count of {count} where 0 to {max} is possible");
    }

    public void Number(ref long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        Transfer(bytes);
        number = BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    public void Number(ref double number)
    {
        var bits = BitConverter.DoubleToInt64Bits(number);
        Number(ref bits);
        number = BitConverter.Int64BitsToDouble(bits);
        if (!(Math.Abs(number) <= MaxMagnitude))
            throw new AnomalyStateException($"it has the number {number}");
    }

    /// <summary>Transfers a number of values, which is never negative.</summary>
    public void Total(ref long total)
    {
        Number(ref total);
        if (total < 0)
            throw new AnomalyStateException($"it has a total of {total}");
    }

    public void Numbers(Span<double> numbers)
    {
        foreach (ref var number in numbers)
            Number(ref number);
    }

    /// <summary>Returns what was written.</summary>
    public byte[] ToArray() => _output is null ? [] : _output.WrittenSpan.ToArray();

    /// <summary>Checks that everything was read.</summary>
    /// <exception cref="AnomalyStateException">The state is longer.</exception>
    public void EnsureComplete()
    {
        if (_position != _input.Length)
            throw new AnomalyStateException($"it has {_input.Length} bytes where {_position} are expected");
    }

    private void Transfer(Span<byte> bytes)
    {
        if (_output is not null)
        {
            _output.Write(bytes);
            return;
        }
        if (_input.Length - _position < bytes.Length)
            throw new AnomalyStateException($"it ends after {_input.Length} bytes");
        _input.Span.Slice(_position, bytes.Length).CopyTo(bytes);
        _position += bytes.Length;
    }
}
