/** Something that a server knows: objects, strings and arrays that point at each other. */
interface Customer {
  readonly id: number;
  readonly name: string;
  readonly address: { readonly street: string; readonly city: string; readonly zip: number };
  readonly orders: readonly Order[];
  readonly friend: Customer | undefined;
}

interface Order {
  readonly article: string;
  readonly price: number;
  readonly days: readonly number[];
}

const AT_A_TIME = 5_000;

/** As many records as fill so many bytes of V8's heap. */
export function liveObjects(bytes: number): readonly Customer[] {
  const { heapUsed: before } = process.memoryUsage();
  const customers: Customer[] = [];
  while (process.memoryUsage().heapUsed - before < bytes) {
    for (let i = 0; i < AT_A_TIME; i++) customers.push(customer(customers));
  }
  return customers;
}

function customer(others: readonly Customer[]): Customer {
  const id = others.length;
  return {
    id,
    name: `customer ${id}`,
    address: { street: `street ${id % 977}`, city: `city ${id % 89}`, zip: id % 100_000 },
    orders: Array.from({ length: 4 }, (_, i) => ({
      article: `article ${id * 4 + i}`,
      price: id / 7 + i,
      days: [id % 365, (id + i) % 365, i],
    })),
    friend: others[(id * 7919) % (id + 1)],
  };
}
