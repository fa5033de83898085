typedef struct loud {
	int volume;
} loud_t;
