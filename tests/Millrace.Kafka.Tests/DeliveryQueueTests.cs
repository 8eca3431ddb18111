using Millrace.Shared.Transports;

namespace Millrace.Kafka.Tests;

/// <summary>What adapters keep their deliveries in: as sorted collections would, which serve as the measure.</summary>
public sealed class DeliveryQueueTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Deliveries_are_taken_in_order_however_they_come_again(int seed)
    {
        var random = new Random(seed);
        var line = new DeliveryQueue<long, Numbered>();
        var expected = new SortedSet<long>();
        var (last, taken) = (0L, new List<long>());
        for (var i = 0; i < 20_000; i++)
        {
            switch (random.Next(8))
            {
                case < 4:
                    Assert.True(line.TryAdd(++last, new Numbered(last)));
                    expected.Add(last);
                    break;
                case < 6:
                    var some = line.Take(random.Next(7)).Select(one => ((Numbered)one).Number).ToList();
                    Assert.Equal(expected.Take(some.Count), some);
                    expected.ExceptWith(some);
                    taken.AddRange(some);
                    break;
                case 6 when taken.Count > 0:
                    var again = taken[random.Next(taken.Count)];
                    Assert.Equal(expected.Add(again), line.TryAdd(again, new Numbered(again)));
                    break;
                default:
                    var rest = random.Next(200);
                    Assert.Equal(
                        expected.RemoveWhere(number => number % 200 == rest),
                        line.RemoveAll(one => one.Number % 200 == rest));
                    break;
            }
            Assert.Equal(expected.Count, line.Count);
        }
        var keys = new List<long>();
        line.AddKeysTo(keys);
        Assert.Equal(expected, keys);
        line.Clear();
        Assert.Empty(line.Take(10));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_first_open_number_is_known_in_whatever_order_they_are_finished(int seed)
    {
        var random = new Random(seed);
        var numbers = new OpenSequenceNumbers();
        var expected = new SortedSet<long>();
        var last = -1L;
        for (var i = 0; i < 20_000; i++)
        {
            switch (random.Next(8))
            {
                case < 4:
                    last += random.Next(1, 3);
                    numbers.Add(last);
                    expected.Add(last);
                    break;
                case < 7:
                    var number =
                        random.Next(3) > 0 && expected.Count > 0 ? expected.Min : Math.Max(0, last - random.Next(600));
                    Assert.Equal(expected.Contains(number), numbers.Contains(number));
                    Assert.Equal(expected.Remove(number), numbers.Finish(number));
                    break;
                default: // A partition that starts again further back.
                    var back = Math.Max(0, last - random.Next(1_000));
                    numbers.Add(back);
                    expected.Add(back);
                    last = Math.Max(last, back);
                    break;
            }
            Assert.Equal(expected.Count, numbers.Count);
            Assert.Equal(expected.Count == 0 ? null : expected.Min, numbers.First);
        }
    }

    private sealed class Numbered(long number) : Delivery(new Message { Id = "1", Type = "one", Body = default })
    {
        public long Number { get; } = number;
    }
}
